import type { RoomId } from '@maru/contract';
import type { MaruClient } from '@maru/client';
import { createConnection } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import { person, roomOf, startSystem, until } from '../support/system.js';

const system = await startSystem();
const { url, databaseUrl, nodes, engines, services } = system;
for (const service of services()) void service.supervise(() => {});

const ROUNDS = process.env['MARU_LONG'] === '1' ? 4 : 2;
const texts = (client: MaruClient, roomId: RoomId): string[] =>
  client
    .room(roomId)
    .store.get()
    .timeline.entries.flatMap((entry) => (entry.kind === 'message' ? [entry.text ?? ''] : []));

describe('while two people chat', () => {
  it.each(['node', 'database', 'redis'] as const)(
    '[O7] kill -9 of the %s loses nothing, doubles nothing, and heals by itself',
    async (victim) => {
      const [ann, bob] = [await person(url), await person(url)];
      const room = await roomOf(ann, bob);
      const views = [ann.room(room.id), bob.room(room.id)];
      for (const view of views) view.open();

      let n = 0;
      const written: string[] = [];
      const chat = (count: number): void => {
        for (let i = 0; i < count; i++) {
          const text = `${victim} ${n}`;
          views[n++ % 2]?.send(text);
          written.push(text);
        }
      };
      for (let round = 0; round < ROUNDS; round++) {
        chat(30);
        await until(() => expect(texts(ann, room.id).length).toBeGreaterThan(round * 60));
        (victim === 'node' ? nodes[0] : engines[victim])?.signal('SIGKILL');
        chat(30);
        await until(() => {
          for (const view of views) expect(view.store.get().outgoing).toEqual([]);
        });
      }

      for (const client of [ann, bob]) await until(() => expect(texts(client, room.id)).toHaveLength(written.length));
      expect(texts(ann, room.id)).toEqual(texts(bob, room.id));
      expect(texts(ann, room.id).toSorted()).toEqual(written.toSorted());
      for (const person of [0, 1]) {
        const own = written.filter((_, i) => i % 2 === person);
        expect(texts(ann, room.id).filter((text) => own.includes(text))).toEqual(own);
      }
      const { entries, to } = views[0]?.store.get().timeline ?? { entries: [], to: 0 };
      expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: to }, (_, i) => i + 1));
      expect(await stored(room.id)).toEqual(
        entries.flatMap((entry) => (entry.kind === 'message' ? [{ seq: entry.seq, body: entry.text }] : [])),
      );
    },
    180_000,
  );
});

async function stored(roomId: RoomId): Promise<unknown> {
  const connection = await createConnection(databaseUrl);
  const [rows] = await connection.query(
    "SELECT seq, body FROM messages WHERE room_id = UNHEX(REPLACE(?, '-', '')) AND kind = 0 ORDER BY seq",
    [roomId],
  );
  await connection.end();
  return rows;
}
