import {
  ChatError,
  type OperationName,
  type OperationReply,
  operations,
  type Operations,
  REFUSALS,
  type RefusalCode,
  routes,
} from '@maru/contract';
import type { z } from 'zod';

export type Routes = typeof routes;
export type RouteName = keyof Routes;
type In<R, K extends string> =
  R extends Record<K, infer S extends z.ZodType>
    ? Partial<z.input<S>> extends z.input<S>
      ? { [P in K]?: z.input<S> }
      : { [P in K]: z.input<S> }
    : { [P in K]?: undefined };
export type RouteRequest<N extends RouteName> = In<Routes[N], 'params'> &
  In<Routes[N], 'query'> &
  In<Routes[N], 'body'>;
export type RouteResponse<N extends RouteName> = Routes[N]['response'] extends z.ZodType
  ? z.output<Routes[N]['response']>
  : undefined;

interface Parts {
  params?: Record<string, string>;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
}

/** Calls a route of the contract. Rejects with ChatError; an unreachable server is `unavailable`. */
export function callRoute<N extends RouteName>(
  baseUrl: string,
  name: N,
  request: RouteRequest<N>,
  accessToken?: string,
): Promise<RouteResponse<N>> {
  const route: Routes[N] | undefined = routes[name];
  if (route === undefined) throw new ChatError('invalid', { message: `there is no route ${name}` });
  return send(baseUrl, route.method, route.path, request as Parts, accessToken) as Promise<RouteResponse<N>>;
}

export type OperationRequest<N extends OperationName> = z.input<Operations[N]['input']>;

/** Asks for an operation of the contract over REST. What its path does not name goes into the body. */
export function callOperation<N extends OperationName>(
  baseUrl: string,
  name: N,
  input: OperationRequest<N>,
  accessToken: string,
): Promise<OperationReply<N>> {
  const { method, path } = operations[name];
  const fields = Object.entries(input as Record<string, unknown>);
  const isInPath = ([key]: [string, unknown]): boolean => path.includes(`{${key}}`);
  const params = Object.fromEntries(fields.filter(isInPath).map(([key, value]) => [key, String(value)]));
  const rest = fields.filter((field) => !isInPath(field));
  const hasBody = Object.keys(operations[name].input.shape).some((key) => !path.includes(`{${key}}`));
  const parts: Parts = hasBody ? { params, body: Object.fromEntries(rest) } : { params };
  return send(baseUrl, method, path, parts, accessToken) as Promise<OperationReply<N>>;
}

async function send(
  baseUrl: string,
  method: string,
  path: string,
  { params = {}, query = {}, body }: Parts,
  accessToken?: string,
): Promise<unknown> {
  const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(params[key] ?? ''));
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  );
  const response = await fetch(`${baseUrl}${filled}${search.size > 0 ? `?${search}` : ''}`, {
    method,
    credentials: 'include',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new ChatError('unavailable', { message: `${baseUrl} cannot be reached`, retryAfterMs: 1_000, cause });
  });
  if (!response.ok) throw await refusal(response);
  return response.status === 204 ? undefined : await response.json();
}

/** Errors of anything between us and the server (a balancer, a proxy) have no code of ours: they are passing. */
async function refusal(response: Response): Promise<ChatError> {
  const body = (await response.json().catch(() => ({}))) as {
    error?: { code?: string; message?: string; retryAfterMs?: number };
  };
  const { code = '', message, retryAfterMs } = body.error ?? {};
  return new ChatError(code in REFUSALS ? (code as RefusalCode) : 'unavailable', { message, retryAfterMs });
}
