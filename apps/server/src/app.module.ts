import type { Logger } from '@maru/observability';
import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { LoggerModule } from 'nestjs-pino';
import { AuthModule } from './auth/index.js';
import { InfrastructureModule, type Opened } from './infrastructure.module.js';
import { MessagesModule } from './messages/index.js';
import { PresenceModule } from './presence/index.js';
import { RoomsModule } from './rooms/index.js';

/** What Nest itself says: all of it where somebody looks for details, else its warnings. */
const frameworkLogger = (logger: Logger): Logger =>
  logger.isLevelEnabled('debug') || !logger.isLevelEnabled('warn') ? logger : logger.child({}, { level: 'warn' });

/** The only file that knows every feature. */
@Module({})
export class AppModule {
  static with(opened: Opened): DynamicModule {
    return {
      module: AppModule,
      imports: [
        // requests are logged by http/request-log.ts
        LoggerModule.forRoot({ pinoHttp: { logger: frameworkLogger(opened.logger), autoLogging: false } }),
        DiscoveryModule,
        InfrastructureModule.with(opened),
        AuthModule,
        RoomsModule,
        MessagesModule,
        PresenceModule,
      ],
    };
  }
}
