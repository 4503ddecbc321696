import type { Config } from '@maru/config';
import { Database, DedicatedConnection } from '@maru/database';
import type { Logger } from '@maru/observability';
import { noTurns, RateLimiter, RoomLock, SlowMode } from '@maru/redis';
import { ControlPlane } from '@maru/realtime';
import { Relay } from '@maru/relay';
import { ChangeWriter, LogDelivery, LogRepository, LogWriter } from '@maru/room-log';
import { type DynamicModule, Module } from '@nestjs/common';
import { CONFIG, LOGGER } from './config.token.js';
import { PersonLimits } from './person-limits.js';
import { REDIS, type Redis, ROOM_TURNS } from './redis.token.js';
import { MembersModule, MembersRepository } from './rooms/index.js';

/** What main.ts has opened before Nest starts and closes after it has stopped. */
export interface Opened {
  config: Config;
  logger: Logger;
  database: Database;
  redis: Redis;
  relay: Relay;
  controlPlane: ControlPlane;
}

/** The libraries as providers; features ask for them by class. */
@Module({})
export class InfrastructureModule {
  static with({ config, logger, database, redis, relay, controlPlane }: Opened): DynamicModule {
    const own = [
      { provide: CONFIG, useValue: config },
      { provide: LOGGER, useValue: logger },
      { provide: Database, useValue: database },
      { provide: REDIS, useValue: redis },
      { provide: Relay, useValue: relay },
      { provide: ControlPlane, useValue: controlPlane },
      { provide: RateLimiter, useFactory: () => new RateLimiter(redis) },
      { provide: SlowMode, useFactory: () => new SlowMode(redis) },
      PersonLimits,
      { provide: ROOM_TURNS, useFactory: () => (config.ROOM_LOCK === 'on' ? new RoomLock(redis) : noTurns) },
      { provide: LogRepository, useFactory: () => new LogRepository(database) },
      {
        provide: LogDelivery,
        useFactory: (repository: LogRepository) => {
          const delivery = new LogDelivery(repository, relay, logger);
          relay.listen({ entries: (roomId, entries) => delivery.accept(roomId, entries) });
          return delivery;
        },
        inject: [LogRepository],
      },
      {
        provide: LogWriter,
        useFactory: (repository: LogRepository, members: MembersRepository, delivery: LogDelivery) =>
          new LogWriter(new DedicatedConnection(config.DATABASE_URL, logger), repository, members, delivery, logger),
        inject: [LogRepository, MembersRepository, LogDelivery],
      },
      {
        provide: ChangeWriter,
        useFactory: (repository: LogRepository, members: MembersRepository, delivery: LogDelivery) =>
          new ChangeWriter(database, repository, members, delivery),
        inject: [LogRepository, MembersRepository, LogDelivery],
      },
    ];
    return { module: InfrastructureModule, global: true, imports: [MembersModule], providers: own, exports: own };
  }
}
