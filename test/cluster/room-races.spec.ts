import { MaruClient } from '@maru/client';
import type { Entry, RoomId } from '@maru/contract';
import { createConnection } from 'mysql2/promise';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { idOf, settled } from '../support/people.js';
import { ask, newName, outcome, PASSWORD, rawSocket, rest, send, startSystem, until } from '../support/system.js';

const CROWD = 200;

interface Table {
  members: { user: string; role: string }[];
  bans: string[];
  count: number;
  name: string;
  version: number;
  seqs: number[];
}

/** What the database holds of a room. */
async function tableOf(databaseUrl: string, roomId: RoomId): Promise<Table> {
  const connection = await createConnection(databaseUrl);
  const room = "UNHEX(REPLACE(?, '-', ''))";
  const rows = async <T>(sql: string): Promise<T[]> => (await connection.query(sql, [roomId]))[0] as T[];
  const members = await rows<{ user: string; role: string }>(
    `SELECT LOWER(HEX(user_id)) AS user, role FROM room_members WHERE room_id = ${room}`,
  );
  const bans = await rows<{ user: string }>(
    `SELECT LOWER(HEX(user_id)) AS user FROM room_bans WHERE room_id = ${room}`,
  );
  const [head] = await rows<{ member_count: number; name: string; version: number }>(
    `SELECT member_count, name, version FROM rooms WHERE id = ${room}`,
  );
  const seqs = [
    ...(await rows<{ seq: number }>(`SELECT seq FROM messages WHERE room_id = ${room}`)),
    ...(await rows<{ seq: number }>(`SELECT seq FROM room_changes WHERE room_id = ${room}`)),
  ];
  await connection.end();
  return {
    members,
    bans: bans.map(({ user }) => user),
    count: head?.member_count ?? 0,
    name: head?.name ?? '',
    version: head?.version ?? 0,
    seqs: seqs.map(({ seq }) => seq).toSorted((a, b) => a - b),
  };
}

const hex = (id: string): string => id.replaceAll('-', '');

describe.each([
  { lock: 'on', redis: 'there' },
  { lock: 'off', redis: 'there' },
  { lock: 'on', redis: 'away' },
] as const)('three nodes, the lock $lock, Redis $redis', async ({ lock, redis }) => {
  const { nodeUrls, databaseUrl, engines } = await startSystem({ nodes: 3, env: { ROOM_LOCK: lock } });
  let crowd: MaruClient[];

  beforeAll(async () => {
    crowd = [];
    while (crowd.length < CROWD) {
      const some = Array.from({ length: 20 }, async (_, i) => {
        const client = new MaruClient({ url: nodeUrls[i % 3] as string });
        await client.session.register(newName(), PASSWORD);
        return client;
      });
      crowd.push(...(await Promise.all(some)));
    }
    if (redis === 'away') engines.redis?.signal('SIGKILL');
    return () => crowd.forEach((client) => client.close());
  });

  it('[R14] 200 joins at once to a room for 50 are 50 members', async () => {
    const [owner] = crowd as [MaruClient];
    const room = await owner.do('room:create', { name: newName(), capacity: 50 });
    const outcomes = await Promise.all(crowd.map((one) => settled(one.do('room:join', { roomId: room.id }))));
    expect(outcomes.filter((one) => one === 'ok')).toHaveLength(50);
    expect(outcomes.filter((one) => one === 'room-full')).toHaveLength(CROWD - 50);
    const { members, count, seqs } = await tableOf(databaseUrl, room.id);
    expect([members.length, count]).toEqual([50, 50]);
    expect(seqs).toEqual(Array.from({ length: 51 }, (_, i) => i + 1));
    const [inside, outside] = [outcomes.lastIndexOf('ok'), outcomes.indexOf('room-full')];
    await crowd[inside]?.do('room:leave', { roomId: room.id });
    expect(await settled(crowd[outside]!.do('room:join', { roomId: room.id }))).toBe('ok');
  });

  it('[R14] of two changes of one version one wins, the other is `conflict`', async () => {
    const [ann, bob] = crowd as [MaruClient, MaruClient];
    for (let round = 0; round < 10; round++) {
      const room = await ann.do('room:create', { name: newName(), members: [idOf(bob)] });
      await ann.do('member:role', { roomId: room.id, userId: idOf(bob), role: 'admin' });
      const names = ['from ann', 'from bob'];
      const outcomes = await Promise.all(
        [ann, bob].map((one, i) => settled(one.do('room:update', { roomId: room.id, version: 1, name: names[i] }))),
      );
      expect(outcomes.toSorted()).toEqual(['conflict', 'ok']);
      const { name, version } = await tableOf(databaseUrl, room.id);
      expect([name, version]).toEqual([names[outcomes.indexOf('ok')], 2]);
    }
  });

  it('[R14] whoever is banned while joining is no member', async () => {
    const [owner, ...others] = crowd as [MaruClient, ...MaruClient[]];
    const room = await owner.do('room:create', { name: newName() });
    await Promise.all(
      others
        .slice(0, 30)
        .flatMap((one) => [
          settled(one.do('room:join', { roomId: room.id })),
          settled(owner.do('member:ban', { roomId: room.id, userId: idOf(one) })),
          settled(one.do('room:join', { roomId: room.id })),
        ]),
    );
    const { members, bans, count } = await tableOf(databaseUrl, room.id);
    expect(bans).toHaveLength(30);
    expect(members.map(({ user }) => user)).toEqual([hex(idOf(owner))]);
    expect(count).toBe(1);
  });

  it('[R14] a room has one owner, whatever is handed over while somebody leaves', async () => {
    const [ann, bob, eve] = crowd as [MaruClient, MaruClient, MaruClient];
    for (let round = 0; round < 10; round++) {
      const room = await ann.do('room:create', { name: newName(), members: [idOf(bob), idOf(eve)] });
      await Promise.all([
        settled(ann.do('room:transfer', { roomId: room.id, userId: idOf(bob) })),
        settled(ann.do('room:leave', { roomId: room.id })),
        settled(bob.do('room:leave', { roomId: room.id })),
        settled(ann.do('room:transfer', { roomId: room.id, userId: idOf(eve) })),
      ]);
      const { members, count } = await tableOf(databaseUrl, room.id);
      expect(members.filter(({ role }) => role === 'owner')).toHaveLength(1);
      expect(count).toBe(members.length);
    }
  });

  it('[R14] one invitation lets in as many as it says', async () => {
    const [owner, ...others] = crowd as [MaruClient, ...MaruClient[]];
    const room = await owner.do('room:create', { name: newName(), kind: 'private' });
    const { code } = await owner.do('invite:create', { roomId: room.id, maxUses: 7 });
    const outcomes = await Promise.all(others.slice(0, 40).map((one) => settled(one.do('invite:accept', { code }))));
    expect(outcomes.filter((one) => one === 'ok')).toHaveLength(7);
    expect((await tableOf(databaseUrl, room.id)).members).toHaveLength(8);
  });

  it('[M13] reactions, edits and messages of all nodes are one order', async () => {
    const people = crowd.slice(0, 12);
    const [ann] = people as [MaruClient];
    const room = await ann.do('room:create', { name: newName(), members: people.map(idOf) });
    const socket = await rawSocket(nodeUrls[0] as string, await ann.session.accessToken());
    const sent = await send(socket, room.id, 'react');
    const seq = sent.ok ? sent.data.seq : 0;
    await Promise.all(
      people.flatMap((one, i) => [
        one.do('reaction:set', { roomId: room.id, seq, emoji: '👍', on: true }),
        send(socket, room.id, `${i}`),
        ann.do('message:edit', { roomId: room.id, seq, text: `edit ${i}` }),
      ]),
    );
    const { entries } = await ann.call('history', { params: { roomId: room.id }, query: {} });
    const target = entries.find((entry) => entry.seq === seq);
    expect(target?.kind === 'message' && target.reactions).toEqual([{ emoji: '👍', count: 12, mine: true }]);
    const { seqs } = await tableOf(databaseUrl, room.id);
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => i + 1));
  });
});

describe('who is kicked', async () => {
  const { nodeUrls, engines } = await startSystem({ nodes: 3 });

  it.each([{ relay: 'there' }, { relay: 'cut off, and Redis away' }])(
    '[R3] hears nothing more on another node, the relay $relay',
    async ({ relay }) => {
      const [one = '', two = ''] = nodeUrls;
      const [ann, bob] = (await Promise.all(
        [one, two].map(async (url) => {
          const client = new MaruClient({ url });
          await client.session.register(newName(), PASSWORD);
          onTestFinished(() => client.close());
          return client;
        }),
      )) as [MaruClient, MaruClient];
      const room = await ann.do('room:create', { name: newName(), members: [idOf(bob)] });
      const [there, here] = [
        await rawSocket(two, await bob.session.accessToken()),
        await rawSocket(one, await ann.session.accessToken()),
      ];
      const heard: Entry[] = [];
      there.on('room:entries', ({ entries }: { entries: Entry[] }) => heard.push(...entries));
      const evicted = new Promise((resolve) => there.once('room:evicted', resolve));
      expect(outcome(await ask(there, 'room:open', { roomId: room.id, after: null }))).toBe('ok');
      if (relay !== 'there') engines.redis?.signal('SIGSTOP');
      onTestFinished(() => engines.redis?.signal('SIGCONT'));
      await until(async () => expect(outcome(await send(here, room.id, 'before'))).toBe('ok'));
      const kicked = ann.do('member:kick', { roomId: room.id, userId: idOf(bob) });
      await Promise.all([kicked, ...Array.from({ length: 20 }, (_, i) => send(here, room.id, `${i}`))]);
      const { entries } = await ann.call('history', { params: { roomId: room.id }, query: { limit: '100' } });
      const end = entries.find((entry) => entry.kind === 'system' && entry.event === 'kicked')?.seq ?? 0;
      await evicted;
      for (let i = 0; i < 5; i++) expect(outcome(await send(here, room.id, 'after'))).toBe('ok');
      expect(outcome(await send(there, room.id, 'still here?'))).toBe('not-member');
      const typed: unknown[] = [];
      here.on('room:typing', (typing: unknown) => typed.push(typing));
      await ask(there, 'typing:set', { roomId: room.id, typing: true });
      expect(heard.map(({ seq }) => seq).filter((seq) => seq > end)).toEqual([]);
      expect(heard.at(-1)?.seq).toBe(end);
      expect(typed).toEqual([]);
      const { status } = await rest(two, 'GET', `/api/rooms/${room.id}/messages`, {
        token: await bob.session.accessToken(),
      });
      expect(status).toBe(403);
    },
  );
});
