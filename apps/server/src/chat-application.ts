import { ChatError, FRAME_MAX_BYTES } from '@maru/contract';
import { ChatIoAdapter } from '@maru/realtime';
import fastifyCookie from '@fastify/cookie';
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger as NestLogger } from 'nestjs-pino';
import { uuidv7 } from 'uuidv7';
import { AppModule } from './app.module.js';
import { SocketAdmission } from './auth/index.js';
import { answerUnreadable, answerUnroutable } from './http/unreadable-request.js';
import { serveDocuments } from './http/documents.js';
import { RefusalFilter } from './http/refusal.filter.js';
import { recordRequests } from './http/request-log.js';
import { addSecurityHeaders } from './http/security-headers.js';
import { serveWebPage } from './http/web-page.js';
import type { Opened } from './infrastructure.module.js';

/** REST, Socket.IO and the web page on one port. */
export async function createChatApplication(
  opened: Opened,
): Promise<{ app: NestFastifyApplication; sockets: ChatIoAdapter }> {
  const { config, logger } = opened;
  const fastify = new FastifyAdapter({
    bodyLimit: FRAME_MAX_BYTES,
    trustProxy: config.TRUSTED_PROXIES.length === 0 ? false : config.TRUSTED_PROXIES,
    genReqId: () => uuidv7(),
    forceCloseConnections: true,
    clientErrorHandler: answerUnreadable,
    frameworkErrors: answerUnroutable,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(opened), fastify, {
    bufferLogs: true,
    // JSON only: a form of a foreign page needs no permission to be sent
    bodyParser: false,
    abortOnError: false,
  });
  app.useLogger(app.get(NestLogger));
  app.useGlobalFilters(new RefusalFilter(logger));
  app.useGlobalPipes(
    new StandardSchemaValidationPipe({
      exceptionFactory: ([issue]) => {
        const place = issue?.path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
        return new ChatError('invalid', { message: `${place || 'request'}: ${issue?.message}` });
      },
    }),
  );
  const sockets = new ChatIoAdapter(app, {
    admission: app.get(SocketAdmission),
    publicOrigins: config.PUBLIC_ORIGINS,
    nodeName: config.NODE_NAME,
    controlPlane: opened.controlPlane,
    unackedPerSocket: config.LIMIT_UNACKED_PER_SOCKET,
    logger,
  });
  app.useWebSocketAdapter(sockets);
  await app.register(fastifyCookie);
  recordRequests(app, logger);
  addSecurityHeaders(app, config.PUBLIC_ORIGINS);
  serveDocuments(app);
  if (!(await serveWebPage(app, config.WEB_ROOT))) logger.warn('no web page: npm run build makes it');
  return { app, sockets };
}
