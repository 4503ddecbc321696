import type { RoomId, UserId } from '@maru/contract';
import { Database, uuidBytes } from '@maru/database';
import { createLogger } from '@maru/observability';
import { ReadCursors } from '@maru/read-cursors';
import { connectRedis } from '@maru/redis';
import { LogRepository } from '@maru/room-log';
import { once } from 'node:events';
import { uuidv7 } from 'uuidv7';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AuthService } from '../auth/index.js';
import { RoomActivityRepository } from './room-activity.repository.js';
import { RoomListRepository } from './room-list.repository.js';
import { RoomListService } from './room-list.service.js';

const logger = createLogger({ level: 'silent', node: 'test' });
const ROOMS = 60;

async function memberOfRooms(database: Database, count: number): Promise<UserId> {
  const userId = uuidv7() as UserId;
  const activity = new RoomActivityRepository(database);
  for (let i = 0; i < count; i++) {
    const roomId = uuidv7() as RoomId;
    const room = uuidBytes(roomId);
    await database.write(async (transaction) => {
      const execute = (sql: string, params: unknown[]) => transaction.execute(sql, params);
      await execute(
        `INSERT INTO rooms (id, kind, name, member_count, version, created_by, created_at)
         VALUES (?, 'public', ?, 1, 1, ?, ?)`,
        [room, `room ${i}`, uuidBytes(userId), new Date()],
      );
      await execute(
        `INSERT INTO room_heads (room_id, last_seq, last_ordinal, rights_epoch, history_epoch) VALUES (?, 2, 2, 1, 1)`,
        [room],
      );
      await execute("INSERT INTO room_members VALUES (?, ?, 'member', 1, ?)", [room, uuidBytes(userId), new Date()]);
      for (const seq of [1, 2]) {
        await execute(
          `INSERT INTO messages (room_id, seq, ordinal, kind, sender_id, id, body, body_hash, created_at)
           VALUES (?, ?, ?, 0, ?, ?, 'hello', ?, ?)`,
          [room, seq, seq, uuidBytes(userId), uuidBytes(uuidv7()), Buffer.alloc(16), new Date(Date.now() + i)],
        );
      }
    });
    await activity.write([{ roomId, headSeq: 2, lastSeq: 2, lastAt: new Date(Date.now() + i) }]);
  }
  return userId;
}

describe('the list of rooms', () => {
  it('[U7] costs one statement and one call to Redis for a page of 50', async () => {
    const url = process.env['TEST_DATABASE_URL'] as string;
    const database = await Database.connect({ url, replicaUrls: [], poolSize: 5 }, logger);
    const redis = connectRedis(process.env['TEST_REDIS_URL'] as string, logger);
    await once(redis, 'ready');
    const cursors = new ReadCursors(redis, database, logger);
    onTestFinished(async () => {
      await cursors.close();
      redis.disconnect();
      await database.close();
    });
    const userId = await memberOfRooms(database, ROOMS);
    const asked: string[] = [];
    const counted = <T extends object>(of: T, name: string, methods: readonly string[]): T =>
      new Proxy(of, {
        get(target, method) {
          const value: unknown = Reflect.get(target, method, target);
          if (typeof value !== 'function') return value;
          if (methods.includes(String(method))) asked.push(name);
          return value.bind(target) as unknown;
        },
      });
    const askedDatabase = counted(database, 'database', ['fresh', 'read', 'write']);
    const askedCursors = new ReadCursors(counted(redis, 'redis', ['evalsha', 'hgetall', 'hget']), database, logger);
    // its own look for what is due to be written would be counted, too
    await askedCursors.close();
    const list = new RoomListService(
      askedDatabase,
      new RoomListRepository(askedDatabase),
      undefined as never,
      askedCursors,
      new LogRepository(askedDatabase),
      { people: async () => [] } as unknown as AuthService,
      undefined as never,
      undefined as never,
      undefined as never,
    );
    await list.page(userId, { limit: 50 });
    asked.length = 0;
    const { rooms, next } = await list.page(userId, { limit: 50 });
    expect([rooms.length, asked]).toEqual([50, ['database', 'redis']]);
    expect(rooms[0]).toMatchObject({ name: `room ${ROOMS - 1}`, unread: 2, last: { text: 'hello', seq: 2 } });
    const rest = await list.page(userId, { limit: 50, after: next ?? undefined });
    expect(rest.rooms.map(({ name }) => name)).toEqual(Array.from({ length: 10 }, (_, i) => `room ${9 - i}`));
  });
});
