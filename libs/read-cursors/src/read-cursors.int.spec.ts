import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { RoomId, UserId } from '@maru/contract';
import { Database, uuidBytes } from '@maru/database';
import { createLogger } from '@maru/observability';
import { connectRedis, type RedisClient } from '@maru/redis';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { CursorCache } from './cursor-cache.js';
import { cursorKeys } from './cursor-keys.js';
import { CursorsRepository } from './cursors.repository.js';
import { ReadCursors } from './read-cursors.js';
import { unreadNumbers } from './unread-numbers.js';
import { WriteBack } from './write-back.js';

const databaseUrl = process.env['TEST_DATABASE_URL'] as string;
const redisUrl = process.env['TEST_REDIS_URL'] as string;
const logger = createLogger({ level: 'silent', node: 'test' });
const SOON = { writeAfterMs: 50, claimMs: 300 };
let database: Database;
let repository: CursorsRepository;
let redis: RedisClient;

const connected = async (url: string): Promise<RedisClient> => {
  const connection = connectRedis(url, logger);
  if (url === redisUrl) await once(connection, 'ready');
  return connection;
};

beforeAll(async () => {
  database = await Database.connect({ url: databaseUrl, replicaUrls: [], poolSize: 10 }, logger);
  repository = new CursorsRepository(database);
  redis = await connected(redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  await database.close();
});

const until = <T>(check: () => T | Promise<T>): Promise<Awaited<T>> =>
  vi.waitFor(check, { timeout: 20_000, interval: 20 }) as Promise<Awaited<T>>;

/** A room with a head and these members, who joined with its first entries. */
async function roomOf(members: number, head = 1_000): Promise<{ roomId: RoomId; people: UserId[] }> {
  const roomId = uuidv7() as RoomId;
  const people = Array.from({ length: members }, () => uuidv7() as UserId);
  await database.write(async (transaction) => {
    await transaction.execute(
      `INSERT INTO room_heads (room_id, last_seq, last_ordinal, rights_epoch, history_epoch, members_seq)
       VALUES (?, ?, ?, 1, 1, ?)`,
      [uuidBytes(roomId), head, head, members],
    );
    for (const [i, userId] of people.entries()) {
      await transaction.execute(
        "INSERT INTO room_members (room_id, user_id, role, joined_seq, joined_at) VALUES (?, ?, 'member', ?, ?)",
        [uuidBytes(roomId), uuidBytes(userId), i + 1, new Date()],
      );
    }
  });
  return { roomId, people };
}

const stored = async (roomId: RoomId, userId: UserId): Promise<number | undefined> =>
  (await repository.of([{ roomId, userId }]))[0]?.seq;

async function readCursors(url = redisUrl): Promise<ReadCursors> {
  const connection = await connected(url);
  const cursors = new ReadCursors(connection, database, logger);
  onTestFinished(async () => {
    await cursors.close();
    connection.disconnect();
  });
  return cursors;
}

const AS_IT_IS = { membersSeq: 0, historyEpoch: 1 };

describe('read cursors', () => {
  it('[U1] move forward only, whoever says it in whatever order, and only for members', async () => {
    const { roomId, people } = await roomOf(2);
    const [ann] = people as [UserId];
    const [one, two] = [await readCursors(), await readCursors()];
    const seqs = Array.from({ length: 200 }, (_, i) => ((i * 77) % 200) + 3);
    await Promise.all(
      seqs.map((seq, i) => (i % 2 === 0 ? one : two).advance([{ roomId, userId: ann, seq, ordinal: seq }])),
    );
    expect((await one.of(ann, [roomId])).get(roomId)).toEqual({ seq: 202, ordinal: 202 });
    const [back] = await two.advance([{ roomId, userId: ann, seq: 5, ordinal: 5 }]);
    expect(back).toMatchObject({ cursor: { seq: 202, ordinal: 202 }, step: undefined });
    expect(await one.advance([{ roomId, userId: uuidv7() as UserId, seq: 9, ordinal: 9 }])).toEqual([]);
  });

  it('[U5] every step has its own version, without holes, over all nodes', async () => {
    const { roomId, people } = await roomOf(4);
    const nodes = [await readCursors(), await readCursors()];
    const steps = await Promise.all(
      Array.from({ length: 120 }, async (_, i) => {
        const reading = { roomId, userId: people[i % 4] as UserId, seq: 10 + i, ordinal: i };
        return (await (nodes[i % 2] as ReadCursors).advance([reading]))[0]?.step;
      }),
    );
    const versions = steps.flatMap((step) => step?.version ?? []).toSorted((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: versions.length }, (_, i) => i + 1));
    const snapshot = await (nodes[0] as ReadCursors).snapshot(roomId, AS_IT_IS);
    expect(snapshot.version).toBe(versions.length);
    expect(new Set(steps.map((step) => step?.generation).filter(Boolean))).toEqual(new Set([snapshot.generation]));
  });

  it('[U4] count for members only: a change of members that was missed is read from the database', async () => {
    const { roomId, people } = await roomOf(3);
    const cursors = await readCursors();
    const [ann, bob] = people as [UserId, UserId];
    expect((await cursors.snapshot(roomId, { membersSeq: 3, historyEpoch: 1 })).cursors.size).toBe(3);
    const eve = uuidv7() as UserId;
    const joined = [{ way: 'in' as const, userId: eve, seq: 1_001, ordinal: 1_000 }];
    expect(await cursors.membersChanged(roomId, 3, 1_001, joined)).toMatchObject([{ userId: eve, from: 1_001 }]);
    expect((await cursors.snapshot(roomId, { membersSeq: 1_001, historyEpoch: 1 })).cursors.get(eve)).toBe(1_001);
    const left = [{ way: 'out' as const, userId: bob, seq: 1_002, ordinal: 1_000 }];
    expect(await cursors.membersChanged(roomId, 1_001, 1_002, left)).toMatchObject([
      { userId: bob, from: 2, to: 1_002 },
    ]);
    // 1_003 was never told
    expect(await cursors.membersChanged(roomId, 1_003, 1_004, left)).toEqual([]);
    await database.write(async (transaction) => {
      await transaction.execute('UPDATE room_heads SET members_seq = 1004 WHERE room_id = ?', [uuidBytes(roomId)]);
      await transaction.execute('DELETE FROM room_members WHERE room_id = ? AND user_id <> ?', [
        uuidBytes(roomId),
        uuidBytes(ann),
      ]);
    });
    expect([...(await cursors.snapshot(roomId, { membersSeq: 1_004, historyEpoch: 1 })).cursors.keys()]).toEqual([ann]);
  });

  it('[U1] survive a Redis that forgets everything, at most as old as what was written', async () => {
    const { roomId, people } = await roomOf(1);
    const [ann] = people as [UserId];
    const cursors = await readCursors();
    await cursors.advance([{ roomId, userId: ann, seq: 40, ordinal: 40 }]);
    await until(async () => expect(await stored(roomId, ann)).toBe(40));
    await cursors.advance([{ roomId, userId: ann, seq: 50, ordinal: 50 }]);
    await redis.flushall();
    const { cursors: left, generation } = await cursors.snapshot(roomId, AS_IT_IS);
    expect(left.get(ann)).toBe(40);
    await cursors.advance([{ roomId, userId: ann, seq: 60, ordinal: 60 }]);
    const after = await cursors.snapshot(roomId, AS_IT_IS);
    expect([after.cursors.get(ann), after.generation]).toEqual([60, generation]);
  });

  it('[U1] that expire before they are written are still there, and are filled in whole', async () => {
    const { roomId, people } = await roomOf(2);
    const [ann, bob] = people as [UserId, UserId];
    const cursors = await readCursors();
    await cursors.advance([{ roomId, userId: ann, seq: 70, ordinal: 70 }]);
    await redis.del(cursorKeys.cursors(roomId));
    expect((await cursors.of(ann, [roomId])).get(roomId)).toEqual({ seq: 70, ordinal: 70 });
    const { cursors: all } = await cursors.snapshot(roomId, AS_IT_IS);
    expect([all.get(ann), all.get(bob)]).toEqual([70, 2]);
  });

  it('[U1] an older fill takes nothing back', async () => {
    const { roomId, people } = await roomOf(1);
    const [ann] = people as [UserId];
    const cache = new CursorCache(redis);
    const old = await repository.ofMembers(roomId);
    const members = [{ userId: ann, seq: 90, ordinal: 90 }];
    await cache.fill(roomId, { membersSeq: 5, historyEpoch: 1, members }, '0');
    await cache.fill(roomId, old, '0');
    expect((await cache.snapshot(roomId))?.cursors.get(ann)).toBe(90);
  });

  it('[U1] go straight to the database while Redis is away, and to Redis when it is back', async () => {
    const { roomId, people } = await roomOf(1);
    const [ann] = people as [UserId];
    const there = await readCursors();
    await there.advance([{ roomId, userId: ann, seq: 10, ordinal: 10 }]);
    const away = await readCursors('redis://127.0.0.1:1');
    await away.advance([{ roomId, userId: ann, seq: 20, ordinal: 20 }]);
    expect((await away.snapshot(roomId, AS_IT_IS)).cursors.get(ann)).toBe(20);
    await until(async () => expect(await stored(roomId, ann)).toBe(20));
  });
});

describe('cursors that are loaded', () => {
  it('[U3] give numbers without Redis, too', async () => {
    const { roomId, people } = await roomOf(3);
    const away = await readCursors('redis://127.0.0.1:1');
    const { cursors } = await away.snapshot(roomId, AS_IT_IS);
    const said = Array.from({ length: 10 }, (_, i) => ({ seq: 7 + i, senderId: people[0] as UserId }));
    expect(unreadNumbers(said, cursors)).toEqual(said.map(() => 2));
  });

  it('[U1] take what was settled while the database was read into account', async () => {
    const { roomId, people } = await roomOf(2);
    const [ann] = people as [UserId];
    const cache = new CursorCache(redis, SOON);
    const settled = await cache.settled(roomId);
    const before = await repository.ofMembers(roomId);
    const reading = { roomId, userId: ann, seq: 500, ordinal: 500 };
    await repository.write([reading]);
    await cache.settle(roomId, [reading]);
    expect(await cache.fill(roomId, before, settled)).toBe(false);
    expect(await cache.fill(roomId, await repository.ofMembers(roomId), await cache.settled(roomId))).toBe(true);
    expect((await cache.snapshot(roomId))?.cursors.get(ann)).toBe(500);
    // a newcomer's fill does not take back what the loaded ones know
    await cache.fill(roomId, { ...before, membersSeq: before.membersSeq + 1 }, await cache.settled(roomId));
    expect((await cache.snapshot(roomId))?.cursors.get(ann)).toBe(500);
  });

  it('[U1] do not count in another run of the server, or of another history', async () => {
    const { roomId, people } = await roomOf(1);
    const [ann] = people as [UserId];
    const cursors = await readCursors();
    await cursors.advance([{ roomId, userId: ann, seq: 30, ordinal: 30 }]);
    await until(async () => expect(await stored(roomId, ann)).toBe(30));
    const key = cursorKeys.cursors(roomId);
    await redis.hset(key, { _r: 'an earlier run', [ann]: '20 20', _v: 0 });
    expect((await cursors.snapshot(roomId, AS_IT_IS)).cursors.get(ann)).toBe(30);
    // a backup was restored: the room is shorter now
    await database.write((transaction) =>
      transaction.execute(
        'UPDATE room_heads SET history_epoch = 2, last_seq = 25, last_ordinal = 25 WHERE room_id = ?',
        [uuidBytes(roomId)],
      ),
    );
    await redis.hset(key, { [ann]: '900 900' });
    expect((await cursors.snapshot(roomId, { membersSeq: 1, historyEpoch: 2 })).cursors.get(ann)).toBe(25);
  });

  it('[U3] may be those of 100,000 members', async () => {
    const roomId = uuidv7() as RoomId;
    const cache = new CursorCache(redis);
    const members = Array.from({ length: 100_000 }, (_, i) => ({ userId: `${i}` as UserId, seq: i, ordinal: i }));
    expect(await cache.fill(roomId, { membersSeq: 1, historyEpoch: 1, members }, '0')).toBe(true);
    expect(await redis.hlen(cursorKeys.cursors(roomId))).toBe(members.length + 5);
    await cache.forget(roomId, true);
  });

  it('[U2] are those of who became a member while they were being loaded, too', async () => {
    const { roomId, people } = await roomOf(1);
    const cursors = await readCursors();
    await cursors.advance([{ roomId, userId: people[0] as UserId, seq: 10, ordinal: 10 }]);
    const eve = uuidv7() as UserId;
    await database.write(async (transaction) => {
      await transaction.execute('UPDATE room_heads SET members_seq = 9 WHERE room_id = ?', [uuidBytes(roomId)]);
      await transaction.execute(
        "INSERT INTO room_members (room_id, user_id, role, joined_seq, joined_at) VALUES (?, ?, 'member', 9, ?)",
        [uuidBytes(roomId), uuidBytes(eve), new Date()],
      );
    });
    const [advanced] = await cursors.advance([{ roomId, userId: eve, seq: 20, ordinal: 20 }]);
    expect(advanced?.cursor).toEqual({ seq: 20, ordinal: 20 });
  });
});

const file = (name: string): string => JSON.stringify(new URL(`../dist/${name}`, import.meta.url).href);
const lib = (name: string): string => JSON.stringify(import.meta.resolve(name));
/** Writes cursors back once something is due, and is killed right after the given step. */
const program = (step: string): string => `
  import { Database } from ${lib('@maru/database')};
  import { createLogger } from ${lib('@maru/observability')};
  import { connectRedis } from ${lib('@maru/redis')};
  import { CursorCache } from ${file('cursor-cache.js')};
  import { CursorsRepository } from ${file('cursors.repository.js')};
  import { WriteBack } from ${file('write-back.js')};
  const logger = createLogger({ level: 'silent', node: 'dying' });
  const database = await Database.connect({ url: ${JSON.stringify(databaseUrl)}, replicaUrls: [], poolSize: 2 }, logger);
  const redis = connectRedis(${JSON.stringify(redisUrl)}, logger);
  const dying = (object) => new Proxy(object, {
    get: (target, name) => async (...args) => {
      const result = await target[name](...args);
      if (name === '${step}' && !(name === 'claim' && result.length === 0)) process.kill(process.pid, 'SIGKILL');
      return result;
    },
  });
  new WriteBack(dying(new CursorCache(redis, ${JSON.stringify(SOON)})), dying(new CursorsRepository(database)), logger);
`;

describe('writing back', () => {
  it.each(['claim', 'unwritten', 'write', 'settle'])(
    '[U1] loses nothing and is never ahead when it is killed after: %s',
    async (step) => {
      const { roomId, people } = await roomOf(20);
      const cache = new CursorCache(redis, SOON);
      await cache.fill(roomId, await repository.ofMembers(roomId), '0');
      const readings = people.map((userId, i) => ({ roomId, userId, seq: 500 + i, ordinal: 500 + i }));
      await cache.advance(readings);
      const child = spawn(process.execPath, ['--input-type=module', '-e', program(step)], { stdio: 'inherit' });
      const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
      expect([code, signal]).toEqual([null, 'SIGKILL']);
      for (const { userId, seq } of readings) expect((await stored(roomId, userId)) ?? 0).toBeLessThanOrEqual(seq);
      const other = new WriteBack(cache, repository, logger);
      onTestFinished(() => other.close());
      await until(async () => {
        const now = await repository.of(readings);
        expect(now.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(readings.map(({ seq }) => seq));
        expect(await cache.unwritten(roomId)).toEqual([]);
      });
    },
  );

  it('[U1] keeps what moved on while it was being written', async () => {
    const { roomId, people } = await roomOf(1);
    const [ann] = people as [UserId];
    const cache = new CursorCache(redis, SOON);
    await cache.fill(roomId, await repository.ofMembers(roomId), '0');
    await cache.advance([{ roomId, userId: ann, seq: 10, ordinal: 10 }]);
    const written: number[] = [];
    const slow = new WriteBack(
      cache,
      {
        write: async (readings) => {
          written.push(...readings.filter((one) => one.roomId === roomId).map(({ seq }) => seq));
          if (written.length === 1) await cache.advance([{ roomId, userId: ann, seq: 11, ordinal: 11 }]);
          await repository.write(readings);
        },
      },
      logger,
    );
    onTestFinished(() => slow.close());
    await until(async () => expect(await stored(roomId, ann)).toBe(11));
    expect(written).toEqual([10, 11]);
  });

  it('[U1] a late flush brings nobody back into a room', async () => {
    const { roomId } = await roomOf(1);
    const gone = uuidv7() as UserId;
    await repository.write([{ roomId, userId: gone, seq: 9, ordinal: 9 }]);
    expect((await repository.ofMembers(roomId)).members).toHaveLength(1);
  });
});
