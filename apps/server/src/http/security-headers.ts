import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'x-frame-options': 'DENY',
};

/** On every answer; HSTS where the client came by https. CORS only for the origins that the operator named. */
export function addSecurityHeaders(app: NestFastifyApplication, publicOrigins: readonly string[]): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', async (request, reply) => {
      reply.headers(HEADERS);
      if (request.protocol === 'https') reply.header('strict-transport-security', 'max-age=31536000');
    });
  app.enableCors({
    origin: publicOrigins.length === 0 ? false : [...publicOrigins],
    credentials: true,
    maxAge: 600,
    exposedHeaders: ['retry-after'],
  });
}
