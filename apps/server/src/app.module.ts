import { type DynamicModule, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { AuthModule } from './auth/index.js';
import { InfrastructureModule, type Opened } from './infrastructure.module.js';
import { MessagesModule } from './messages/index.js';
import { RoomsModule } from './rooms/index.js';

/** The only file that knows every feature. */
@Module({})
export class AppModule {
  static with(opened: Opened): DynamicModule {
    return {
      module: AppModule,
      imports: [
        LoggerModule.forRoot({
          pinoHttp: {
            logger: opened.logger,
            // bodies and query strings stay out of the log
            serializers: {
              req: ({ id, method, url }: { id: string; method: string; url: string }) => ({
                id,
                method,
                url: url.split('?')[0],
              }),
              res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
            },
            customLogLevel: (_request, { statusCode }) => (statusCode >= 500 ? 'warn' : 'debug'),
          },
        }),
        InfrastructureModule.with(opened),
        AuthModule,
        RoomsModule,
        MessagesModule,
      ],
    };
  }
}
