import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { LoggerModule } from 'nestjs-pino';
import { AuthModule } from './auth/index.js';
import { InfrastructureModule, type Opened } from './infrastructure.module.js';
import { MessagesModule } from './messages/index.js';
import { PresenceModule } from './presence/index.js';
import { RoomsModule } from './rooms/index.js';

/** The only file that knows every feature. */
@Module({})
export class AppModule {
  static with(opened: Opened): DynamicModule {
    return {
      module: AppModule,
      imports: [
        // what Nest itself says; requests are logged by http/request-log.ts
        LoggerModule.forRoot({ pinoHttp: { logger: opened.logger, autoLogging: false } }),
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
