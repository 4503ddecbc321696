import type { MaruClient } from '@maru/client';
import type { Room, RoomId } from '@maru/contract';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { describe, expect, it, onTestFinished } from 'vitest';
import { metric, newId, person, roomOf, startSystem, until } from '../support/system.js';

/** How long the stream is away: a minute with MARU_LONG, else for as long as so many messages take. */
const AWAY_MS = process.env['MARU_LONG'] === '1' ? 60_000 : 0;
const ROUNDS = 20;
const AT_ONCE = 10;

const say = (client: MaruClient, { id: roomId }: Room, text: string) =>
  client.call('sendMessage', { params: { roomId }, body: { id: newId(), text } });

const p99 = (values: readonly number[]): string =>
  (values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? 0).toFixed(0);

/** Rooms whose activity is not the newest, as the projection has written it. */
async function behind(database: Connection, rooms: readonly Room[]): Promise<RoomId[]> {
  const [rows] = await database.query<RowDataPacket[]>(
    `SELECT h.room_id FROM room_heads h LEFT JOIN room_activity a ON a.room_id = h.room_id
     WHERE h.room_id IN (?) AND COALESCE(a.head_seq, 0) < h.last_seq`,
    [rooms.map(({ id }) => Buffer.from(id.replaceAll('-', ''), 'hex'))],
  );
  return rows as unknown as RoomId[];
}

describe.each(['redis', 'kafka'] as const)('while events go over %s', async (driver) => {
  const { url, databaseUrl, engines, nodes } = await startSystem({
    kafka: driver === 'kafka',
    env: { EVENTS: driver },
  });

  it('[E2] [E4] and it is away, every message is sent and listed; when it is back, the list is right', async () => {
    const [ann, bob] = [await person(url), await person(url)];
    const rooms: Room[] = [];
    for (let i = 0; i < AT_ONCE; i++) rooms.push(await roomOf(ann, bob));
    const database = await createConnection(databaseUrl);
    onTestFinished(() => database.end());
    await until(async () => expect(await behind(database, rooms)).toEqual([]));

    let said = 0;
    /** One message in each room at a time; any refusal fails the test. Returns how long each took, milliseconds. */
    const chat = async (rounds: number, ms = 0): Promise<number[]> => {
      const took: number[] = [];
      const started = performance.now();
      for (let i = 0; i < rounds || performance.now() - started < ms; i++) {
        said++;
        const one = async (room: Room): Promise<void> => {
          const at = performance.now();
          await say(ann, room, `message ${said}`);
          took.push(performance.now() - at);
        };
        await Promise.all(rooms.map(one));
      }
      return took;
    };
    const before = await chat(ROUNDS);
    await engines[driver]?.stop();
    const meanwhile = await chat(ROUNDS, AWAY_MS);
    process.stdout.write(`  ${driver}: send p99 ${p99(before)} ms with the stream, ${p99(meanwhile)} ms without\n`);
    const listed = await bob.call('myRooms');
    expect(listed.rooms.map(({ last }) => last?.kind === 'message' && last.text)).toEqual(
      rooms.map(() => `message ${said}`),
    );
    expect(listed.rooms.map(({ unread }) => unread)).toEqual(rooms.map(() => said));

    await engines[driver]?.start();
    await until(async () => expect(await behind(database, rooms)).toEqual([]));
    await say(ann, rooms[0] as Room, 'the stream is back');
    await until(async () => expect(await behind(database, rooms)).toEqual([]));
    const [first] = (await bob.call('myRooms')).rooms;
    expect(first).toMatchObject({ id: rooms[0]?.id, last: { text: 'the stream is back' } });
  }, 180_000);

  it('[E3] and the database is away, nothing is set aside', async () => {
    const ann = await person(url);
    const rooms: Room[] = [];
    for (let i = 0; i < AT_ONCE; i++) rooms.push(await roomOf(ann));
    await Promise.all(rooms.map((room) => say(ann, room, 'told while the database is away')));
    engines.database?.signal('SIGKILL');
    await engines.database?.gone();
    // it is refused when it has waited long enough: longer than a handler is tried that cannot handle an event
    await expect(say(ann, rooms[0] as Room, 'not stored')).rejects.toMatchObject({ code: 'overloaded' });
    await engines.database?.start();
    const database = await createConnection(databaseUrl);
    onTestFinished(() => database.end());
    await until(async () => expect(await behind(database, rooms)).toEqual([]));
    expect(await metric(nodes[0], 'maru_events_set_aside_total')).toBe(0);
  });
});

describe('while somebody reads', async () => {
  const { url, databaseUrl, nodes, engines, services } = await startSystem({ nodes: 2 });
  for (const service of services()) void service.supervise(() => {});

  it.each(['redis', 'node', 'database'] as const)(
    '[U1] kill -9 of the %s leaves cursors that were never ahead, not behind the database, and right in the end',
    async (victim) => {
      const [ann, bob] = [await person(url), await person(url)];
      const room = await roomOf(ann, bob);
      const seqs: number[] = [];
      for (let i = 0; i < 200; i++) seqs.push((await say(ann, room, `${i}`)).seq);
      const database = await createConnection(databaseUrl);
      database.on('error', () => {});
      const written = async (): Promise<number> => {
        const [rows] = await database.query<RowDataPacket[]>('SELECT seq FROM read_cursors WHERE user_id = ?', [
          Buffer.from((bob.session.store.get().person?.id ?? '').replaceAll('-', ''), 'hex'),
        ]);
        return (rows[0]?.['seq'] as number | undefined) ?? 0;
      };

      const read = async (): Promise<number> => {
        const { rooms } = await bob.call('myRooms');
        return rooms.find(({ id }) => id === room.id)?.read.seq ?? 0;
      };
      const half = seqs.slice(0, 100);
      for (const seq of half) await bob.do('room:read', { roomId: room.id, seq }).catch(() => {});
      await until(async () => expect(await written()).toBeGreaterThan(seqs[0] ?? 0));
      const before = await written();
      for (const [i, seq] of seqs.slice(100).entries()) {
        if (i === 20) (victim === 'node' ? nodes[0] : engines[victim])?.signal('SIGKILL');
        await bob.do('room:read', { roomId: room.id, seq }).catch(() => {});
        const now = await read().catch(() => undefined);
        if (now === undefined) continue;
        expect(now).toBeLessThanOrEqual(seq);
        expect(now).toBeGreaterThanOrEqual(before);
      }
      await database.end().catch(() => {});
      const last = seqs.at(-1) ?? 0;
      await until(async () =>
        expect(await bob.do('room:read', { roomId: room.id, seq: last })).toMatchObject({ seq: last }),
      );
      await until(async () => expect(await read()).toBe(last));
    },
    180_000,
  );
});
