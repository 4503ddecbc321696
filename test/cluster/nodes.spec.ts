import { readFileSync } from 'node:fs';
import type { RoomView } from '@maru/client';
import type { Entry, Presence, RoomId } from '@maru/contract';
import { createConnection } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import {
  ask,
  internal,
  metric,
  newName,
  outcome,
  PASSWORD,
  person,
  rawSocket,
  rest,
  roomOf,
  send,
  startSystem,
  until,
} from '../support/system.js';

const system = await startSystem({
  nodes: 3,
  env: { LIMIT_ROOM_OPENS_PER_SECOND: '40', LIMIT_HANDSHAKES_PER_SECOND: '40' },
});
const { url, nodes, nodeUrls, engines, databaseUrl } = system;
const [one = '', two = ''] = nodeUrls;
const { redis } = engines;
for (const service of system.services()) void service.supervise(() => {});

type Client = Awaited<ReturnType<typeof person>>;
const idOf = (client: Client) => client.session.store.get().person?.id as Presence['userId'];
const open = async (client: Client, roomId: RoomId) => {
  const view = client.room(roomId);
  view.open();
  await until(() => expect(view.store.get().status).toBe('open'));
  return view;
};
const statusOf = (viewer: Client, who: Client): string =>
  viewer.presence.store.get().people.get(idOf(who))?.status ?? 'offline';

describe('people on different nodes', () => {
  it('[P1] [P3] see who is online, away and offline, if they view a room together', async () => {
    const [ann, bob, eve] = [await person(one), await person(two), await person(two)];
    const room = await roomOf(ann, bob);
    await open(ann, room.id);
    await open(bob, room.id);
    await open(eve, (await roomOf(eve)).id);
    await until(() => expect([statusOf(ann, bob), statusOf(bob, ann)]).toEqual(['online', 'online']));
    bob.presence.setAway(true);
    await until(() => expect(statusOf(ann, bob)).toBe('away'));
    // a second device that is not idle
    const again = await rawSocket(url, await bob.session.accessToken());
    await until(() => expect(statusOf(ann, bob)).toBe('online'));
    again.close();
    await until(() => expect(statusOf(ann, bob)).toBe('away'));
    bob.close();
    await until(() => expect(statusOf(ann, bob)).toBe('offline'));
    expect(ann.presence.store.get().people.get(idOf(bob))?.lastSeenAt).toBeGreaterThan(Date.now() - 60_000);
    const { items } = await eve.call('presence', { query: { ids: [idOf(ann), idOf(bob)].join(',') } });
    expect(items.map(({ status }) => status)).toEqual(['online', 'offline']);
    expect(eve.presence.store.get().people.has(idOf(ann))).toBe(false);
  });

  it('[P2] are offline within 20 s of the death of their node, and back when Redis has lost everything', async () => {
    const [ann, bob, eve] = [await person(one), await person(two), await person(one)];
    const room = await roomOf(ann, bob, eve);
    await open(ann, room.id);
    await until(() => expect([statusOf(ann, bob), statusOf(ann, eve)]).toEqual(['online', 'online']));
    const since = Date.now();
    nodes[1]?.signal('SIGSTOP');
    bob.close();
    await until(() => expect(statusOf(ann, bob)).toBe('offline'));
    process.stdout.write(`  offline ${Date.now() - since} ms after the node stopped\n`);
    nodes[1]?.signal('SIGCONT');
    const { pid } = redis ?? {};
    redis?.signal('SIGKILL');
    await until(() => expect(redis?.pid).not.toBe(pid));
    await until(async () => {
      const { items } = await ann.call('presence', { query: { ids: [idOf(ann), idOf(eve)].join(',') } });
      expect(items.map(({ status }) => status)).toEqual(['online', 'online']);
    });
    await until(() => expect(statusOf(ann, eve)).toBe('online'));
  });

  it('[P4] see each other type, for a while, and at most three by name', async () => {
    const typists = await Promise.all([one, two, one, two].map((at) => person(at)));
    const ann = await person(two);
    const room = await roomOf(ann, ...typists);
    const view = await open(ann, room.id);
    const [first] = typists as [Client];
    const typing = await open(first, room.id);
    await until(() => {
      typing.typing();
      expect(view.store.get().typing).toEqual({ userIds: [idOf(first)], more: false });
    });
    // whoever goes on typing stays
    const gone: number[] = [];
    const unsubscribe = view.store.subscribe(() => {
      if (view.store.get().typing.userIds.length === 0) gone.push(Date.now());
    });
    const since = Date.now();
    await until(() => {
      typing.typing();
      expect(Date.now()).toBeGreaterThan(since + 8_000);
    });
    unsubscribe();
    expect(gone).toEqual([]);
    typing.stoppedTyping();
    await until(() => expect(view.store.get().typing.userIds).toEqual([]));
    for (const typist of typists) await open(typist, room.id);
    await until(() => {
      for (const typist of typists) typist.room(room.id).typing();
      expect(view.store.get().typing.userIds).toHaveLength(3);
      expect(view.store.get().typing.more).toBe(true);
    });
    await until(() => expect(view.store.get().typing.userIds).toEqual([]));
    const stranger = await rawSocket(one, await (await person(one)).session.accessToken());
    expect(outcome(await ask(stranger, 'typing:set', { roomId: room.id, typing: true }))).toBe('not-member');
  });

  it('[D6] hear of rooms that they joined elsewhere', async () => {
    const [ann, bob] = [await person(one), await person(one)];
    const room = await roomOf(ann);
    const elsewhere = await rawSocket(two, await bob.session.accessToken());
    await ask(elsewhere, 'rooms:watch', {});
    const heard: string[] = [];
    elsewhere.on('room:joined', ({ roomId }: { roomId: string }) => heard.push(roomId));
    elsewhere.on('room:activity', ({ roomId }: { roomId: string }) => heard.push(`active ${roomId}`));
    await bob.do('room:join', { roomId: room.id });
    await until(() => expect(heard).toContain(room.id));
    ann.room(room.id).send('hello');
    await until(() => expect(heard).toContain(`active ${room.id}`));
  });
});

describe('a session that ends', () => {
  it('[N5] is ended on every node', async () => {
    const ann = await person(one);
    const token = await ann.session.accessToken();
    const [here, there] = [await rawSocket(one, token), await rawSocket(two, token)];
    const { body } = await rest<{ accessToken: string }>(url, 'POST', '/api/auth/login', {
      body: { name: ann.session.store.get().person?.name, password: PASSWORD },
    });
    const other = await rawSocket(two, body.accessToken);
    await rest(one, 'POST', '/api/auth/logout', { token });
    await until(() => expect([here.connected, there.connected]).toEqual([false, false]));
    expect(other.connected).toBe(true);
    expect((await rest(two, 'GET', '/api/me', { token })).status).toBe(401);
    await rest(one, 'POST', '/api/auth/logout-everywhere', { token: body.accessToken });
    await until(() => expect(other.connected).toBe(false));
  });

  it('[N5] is ended on every node without Redis, too', async () => {
    const ann = await person(one);
    const token = await ann.session.accessToken();
    const there = await rawSocket(two, token);
    redis?.signal('SIGSTOP');
    await rest(one, 'POST', '/api/auth/logout', { token });
    await until(() => expect(there.connected).toBe(false));
    redis?.signal('SIGCONT');
  });
});

describe('the balancer', () => {
  it('[N6] sends a polling session to the node that holds it, also while it upgrades', async () => {
    const clients = await Promise.all(Array.from({ length: 9 }, () => person(url, ['polling', 'websocket'])));
    const polling = await Promise.all(Array.from({ length: 6 }, () => person(url, ['polling'])));
    const all = [...clients, ...polling];
    const [owner, ...others] = all as [Client, ...Client[]];
    const room = await roomOf(owner, ...others);
    const views: RoomView[] = [];
    for (const client of all) views.push(await open(client, room.id));
    views.forEach((view, i) => view.send(`hello ${i}`));
    await until(() => {
      for (const view of views) expect(view.store.get().timeline.to).toBe(1 + all.length + all.length);
    });
    const { sockets } = (await (await internal(nodes[0], '/cluster')).json()) as { sockets: number[] };
    expect(sockets).toHaveLength(3);
    expect(Math.min(...sockets)).toBeGreaterThan(0);
  });

  it('[N8] answers for nodes that are gone, until they are back', async () => {
    await until(async () => {
      // they are started again
      for (const node of nodes) node.signal('SIGKILL');
      const { status, body } = await rest(url, 'GET', '/api/rooms');
      expect(status).toBe(503);
      expect(body.error).toMatchObject({ code: 'unavailable', retryAfterMs: 1_000 });
    });
    await until(async () => {
      for (const node of nodes) expect((await internal(node, '/readyz')).status).toBe(200);
      expect((await rest(url, 'GET', '/api/rooms')).status).toBe(401);
    });
  });
});

describe('connections to the balancer', () => {
  it('stay open for longer than an answer says', async () => {
    const { headers } = await fetch(`${url}/api/rooms`);
    const [, saysS] = /timeout=(\d+)/.exec(headers.get('keep-alive') ?? '') ?? [];
    const config = readFileSync(new URL('../../docker/haproxy.cfg', import.meta.url), 'utf8');
    const [, keptS] = /timeout http-keep-alive (\d+)s/.exec(config) ?? [];
    expect(Number(keptS)).toBeGreaterThan(Number(saysS));
  });
});

describe('rooms over several nodes', () => {
  it('[D8] are resumed from memory, and opened only so fast', async () => {
    const ann = await person(one);
    const room = await roomOf(ann);
    await open(ann, room.id);
    for (let i = 0; i < 30; i++) ann.room(room.id).send(`${i}`);
    await until(() => expect(ann.room(room.id).store.get().timeline.to).toBe(32));
    const before = await metric(nodes[0], 'maru_resumes_total{from="memory"}');
    const socket = await rawSocket(one, await ann.session.accessToken());
    const answer = await ask<{ entries: Entry[] }>(socket, 'room:open', {
      roomId: room.id,
      after: 12,
      historyEpoch: 1,
    });
    expect(answer.ok && answer.data.entries.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 13),
    );
    expect(await metric(nodes[0], 'maru_resumes_total{from="memory"}')).toBeGreaterThan(before);
    const asked = await Promise.all(
      Array.from({ length: 100 }, () => ask(socket, 'room:open', { roomId: room.id, after: null })),
    );
    const refused = asked.flatMap((one_) => (one_.ok ? [] : [one_.error]));
    expect(refused.map(({ code }) => code)).toContain('overloaded');
    expect(refused.every(({ retryAfterMs = 0 }) => retryAfterMs > 0)).toBe(true);
  });

  it.each(['ends earlier', 'has grown back over what was lost'])(
    '[D7] are loaded anew by everybody when their history was replaced, and the log %s',
    async (how) => {
      const [ann, bob] = [await person(one), await person(two)];
      const room = await roomOf(ann, bob);
      const views = [await open(ann, room.id), await open(bob, room.id)];
      for (let i = 0; i < 10; i++) views[i % 2]?.send(`${i}`);
      await until(() => {
        for (const view of views) expect(view.store.get().timeline.to).toBe(13);
      });
      const connection = await createConnection(databaseUrl);
      const id = "UNHEX(REPLACE(?, '-', ''))";
      await connection.query(`DELETE FROM messages WHERE room_id = ${id} AND seq > 8`, [room.id]);
      await connection.query(`UPDATE room_heads SET last_seq = 8, last_ordinal = 5 WHERE room_id = ${id}`, [room.id]);
      const socket = await rawSocket(one, await ann.session.accessToken());
      const count = how === 'ends earlier' ? 1 : 8;
      if (how === 'ends earlier') {
        await until(() => {
          for (const view of views) {
            const { timeline, status } = view.store.get();
            expect([timeline.to, timeline.historyEpoch, status]).toEqual([8, 2, 'open']);
          }
        });
      }
      for (let i = 0; i < count; i++) expect(outcome(await send(socket, room.id, `after ${i}`))).toBe('ok');
      const [rows] = await connection.query(
        `SELECT seq, body FROM messages WHERE room_id = ${id} AND seq > 8 ORDER BY seq`,
        [room.id],
      );
      await until(() => {
        for (const view of views) {
          const { timeline } = view.store.get();
          const shown = timeline.entries.filter(({ seq }) => seq > 8);
          expect(shown.map((entry) => ({ seq: entry.seq, body: entry.kind === 'message' ? entry.text : '' }))).toEqual(
            rows,
          );
          expect(timeline.historyEpoch).toBeGreaterThan(1);
        }
      });
      await connection.end();
    },
  );

  it('[D9] that are busy get their entries together, in order, and none is missing', async () => {
    const ann = await person(one);
    const room = await roomOf(ann);
    const token = await ann.session.accessToken();
    const [writer, reader] = [await rawSocket(one, token), await rawSocket(two, token)];
    const frames: number[][] = [];
    reader.on('room:entries', ({ entries }: { entries: Entry[] }) => frames.push(entries.map(({ seq }) => seq)));
    for (const socket of [writer, reader]) {
      await until(async () =>
        expect(outcome(await ask(socket, 'room:open', { roomId: room.id, after: null }))).toBe('ok'),
      );
    }
    const COUNT = 600;
    for (let i = 0; i < COUNT; i += 20) await Promise.all(Array.from({ length: 20 }, () => send(writer, room.id)));
    await until(() => expect(frames.flat().at(-1)).toBe(COUNT + 2));
    expect(frames.flat()).toEqual(Array.from({ length: COUNT }, (_, i) => i + 3));
    expect(frames.length).toBeLessThan(COUNT / 4);
  });
});

describe('handshakes', () => {
  it('[D8] are taken only so fast; the others are told when to come back, and do', async () => {
    const ann = await person(one);
    const token = await ann.session.accessToken();
    const came = await Promise.allSettled(Array.from({ length: 80 }, () => rawSocket(two, token)));
    const refused = came.flatMap((one_) =>
      one_.status === 'rejected' ? [(one_.reason as { data: { code: string; retryAfterMs: number } }).data] : [],
    );
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['overloaded']));
    expect(refused.every(({ retryAfterMs }) => retryAfterMs > 0)).toBe(true);
    expect((await person(two)).connection.online).toBe(true);
  });
});

describe('names', () => {
  it('[A1] belong to one account on all nodes', async () => {
    const name = newName();
    const answers = await Promise.all(
      nodeUrls.map((at) => rest(at, 'POST', '/api/auth/register', { body: { name, password: PASSWORD } })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409]);
  });
});
