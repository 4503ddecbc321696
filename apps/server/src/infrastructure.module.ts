import type { Config } from '@maru/config';
import { Database, DedicatedConnection } from '@maru/database';
import type { EventPublisher } from '@maru/events';
import type { Logger } from '@maru/observability';
import { CursorsRepository, ReadCursors } from '@maru/read-cursors';
import { noTurns, RateLimiter, RoomLock, SlowMode } from '@maru/redis';
import { ControlPlane } from '@maru/realtime';
import { Relay } from '@maru/relay';
import {
  ChangeWriter,
  CommitFeed,
  HistoryCache,
  LogDelivery,
  LogRepository,
  LogWriter,
  MessageDetailsRepository,
} from '@maru/room-log';
import { type DynamicModule, Module } from '@nestjs/common';
import { CONFIG, LOGGER } from './config.token.js';
import { eventsOf } from './events-of.js';
import { OwnDevices } from './own-devices.js';
import { PersonLimits } from './person-limits.js';
import { REDIS, type RedisClient, ROOM_TURNS } from './redis.token.js';
import { MembersModule, MembersRepository } from './rooms/index.js';

/** What main.ts has opened before Nest starts and closes after it has stopped. */
export interface Opened {
  config: Config;
  logger: Logger;
  database: Database;
  redis: RedisClient;
  relay: Relay;
  controlPlane: ControlPlane;
  publisher: EventPublisher;
  cursors: ReadCursors;
}

/** The libraries as providers; features ask for them by class. */
@Module({})
export class InfrastructureModule {
  static with({ config, logger, database, redis, relay, controlPlane, publisher, cursors }: Opened): DynamicModule {
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
      { provide: MessageDetailsRepository, useFactory: () => new MessageDetailsRepository(database) },
      { provide: LogRepository, useFactory: () => new LogRepository(database) },
      {
        provide: HistoryCache,
        useFactory: (repository: LogRepository) => new HistoryCache(repository),
        inject: [LogRepository],
      },
      {
        provide: LogDelivery,
        useFactory: (repository: LogRepository, history: HistoryCache) => {
          const delivery = new LogDelivery(repository, relay, logger, history);
          relay.listen({ entries: (roomId, entries) => delivery.accept(roomId, entries) });
          return delivery;
        },
        inject: [LogRepository, HistoryCache],
      },
      {
        provide: CommitFeed,
        useFactory: (delivery: LogDelivery, history: HistoryCache) => {
          const feed = new CommitFeed();
          feed.listen(delivery);
          feed.listen({
            publish: (roomId, entries) => {
              history.extend(roomId, entries);
              publisher.publish(eventsOf(entries));
            },
          });
          return feed;
        },
        inject: [LogDelivery, HistoryCache],
      },
      { provide: ReadCursors, useValue: cursors },
      { provide: CursorsRepository, useFactory: () => new CursorsRepository(database) },
      OwnDevices,
      {
        provide: LogWriter,
        useFactory: (repository: LogRepository, members: MembersRepository, feed: CommitFeed) => {
          const connection = new DedicatedConnection(config.DATABASE_URL, logger);
          const writer = new LogWriter(connection, repository, members, feed, logger);
          feed.listen({ publish: (roomId, entries) => writer.noteCommitted(roomId, entries) });
          return writer;
        },
        inject: [LogRepository, MembersRepository, CommitFeed],
      },
      {
        provide: ChangeWriter,
        useFactory: (repository: LogRepository, members: MembersRepository, feed: CommitFeed) =>
          new ChangeWriter(database, repository, members, feed),
        inject: [LogRepository, MembersRepository, CommitFeed],
      },
    ];
    return { module: InfrastructureModule, global: true, imports: [MembersModule], providers: own, exports: own };
  }
}
