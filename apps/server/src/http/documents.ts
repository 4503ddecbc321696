import { asyncApi, openApi } from '@maru/contract';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** /openapi.json, /asyncapi.json, and Swagger UI at /docs: all from the contract. */
export function serveDocuments(app: NestFastifyApplication): void {
  const rest = openApi();
  const socket = asyncApi();
  const fastify = app.getHttpAdapter().getInstance();
  fastify.get('/openapi.json', (_request, reply) => reply.send(rest));
  fastify.get('/asyncapi.json', (_request, reply) => reply.send(socket));
  SwaggerModule.setup('docs', app, rest as unknown as OpenAPIObject, { raw: false });
}
