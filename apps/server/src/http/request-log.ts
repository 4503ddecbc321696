import { metrics, type Logger } from '@maru/observability';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** One line and one measurement per request. The line has the id of its refusal, and neither body nor query string. */
export function recordRequests(app: NestFastifyApplication, logger: Logger): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onResponse', async ({ id, method, url, routeOptions }, { statusCode, elapsedTime }) => {
      const route = routeOptions.url?.startsWith('/api/') ? routeOptions.url : 'page';
      metrics.httpSeconds.observe({ method, route }, elapsedTime / 1_000);
      metrics.httpRequests.inc({ method, route, status: statusCode });
      const line = { requestId: id, method, path: url.split('?')[0], status: statusCode, ms: Math.round(elapsedTime) };
      if (statusCode >= 500) logger.warn(line, 'request failed');
      else logger.debug(line, 'request');
    });
}
