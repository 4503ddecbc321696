import type { Logger } from '@maru/observability';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** One line per request, with the id that its refusal carries. Bodies and query strings stay out of the log. */
export function logRequests(app: NestFastifyApplication, logger: Logger): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onResponse', async ({ id, method, url }, { statusCode, elapsedTime }) => {
      const line = { requestId: id, method, path: url.split('?')[0], status: statusCode, ms: Math.round(elapsedTime) };
      if (statusCode >= 500) logger.warn(line, 'request failed');
      else logger.debug(line, 'request');
    });
}
