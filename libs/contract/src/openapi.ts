import { REFUSALS, type RefusalCode } from './errors.js';
import { components, schemaOf, type JsonSchema } from './json-schema.js';
import { PROTOCOL_VERSION } from './protocol.js';
import { allRoutes, COMMON_REFUSALS, type Route } from './rest-routes.js';

/** The OpenAPI 3.1 document of the REST interface, with every refusal that each route may answer. */
export function openApi(): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const [name, route] of allRoutes()) {
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(operationId(name), route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Maru REST interface',
      version: `${PROTOCOL_VERSION}.0.0`,
      description: [
        'Every refusal, that of an unknown route (404 `not-found`) included, has the body',
        '`{"error": {code, message, retryAfterMs?, requestId}}`; with `retryAfterMs` there is a Retry-After header in seconds.',
        'Bodies are JSON of at most 131072 bytes. Limits of attempts and sends are the operator’s. With',
        '`refreshTokenIn: "cookie"` the refresh token is the HttpOnly cookie `maru_refresh` of path /api/auth.',
        'The socket events are in /asyncapi.json.',
      ].join(' '),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components(),
      securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

/** `room:join` is joinRoom's command and route: one word, for generators of clients. */
const operationId = (name: string): string => name.replace(/:(\w)/, (_, letter: string) => letter.toUpperCase());

function operation(operationId: string, route: Route): JsonSchema {
  const content = (schema: JsonSchema): JsonSchema => ({ 'application/json': { schema } });
  return {
    operationId,
    tags: [route.tag],
    summary: route.summary,
    security: route.authenticated ? [{ accessToken: [] }] : [],
    parameters: [...parameters('path', route.params), ...parameters('query', route.query)],
    ...(route.body ? { requestBody: { required: true, content: content(schemaOf(route.body)) } } : {}),
    responses: {
      [route.status]: route.response
        ? { description: 'Done.', content: content(schemaOf(route.response)) }
        : { description: 'Done; no body.' },
      ...refusalResponses(route),
    },
  };
}

/** Typed as what they mean; a list is separated by commas. */
function parameters(place: 'path' | 'query', schema: Route['query']): JsonSchema[] {
  if (schema === undefined) return [];
  const { properties } = schemaOf(schema, 'output') as { properties: Record<string, JsonSchema> };
  const { required = [] } = schemaOf(schema) as { required?: string[] };
  return Object.entries(properties).map(([name, { description, ...type }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    ...(type['type'] === 'array' ? { style: 'form', explode: false } : {}),
    schema: type,
  }));
}

/** The refusals of one route, grouped by HTTP status. */
function refusalResponses(route: Route): JsonSchema {
  const codes = new Set<RefusalCode>([...COMMON_REFUSALS, ...route.refusals]);
  if (route.authenticated) codes.add('unauthenticated');
  const byStatus = Map.groupBy(codes, (code) => REFUSALS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      status,
      {
        description: ofStatus.map((code) => `\`${code}\`: ${REFUSALS[code].message}`).join(' '),
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['error'],
              properties: {
                error: {
                  allOf: [{ $ref: '#/components/schemas/Refusal' }, { properties: { code: { enum: [...ofStatus] } } }],
                },
              },
            },
          },
        },
      },
    ]),
  );
}
