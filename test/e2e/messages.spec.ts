import type { Entry } from '@maru/contract';
import { createConnection } from 'mysql2/promise';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  ask,
  newId,
  next,
  outcome,
  person,
  rawSocket,
  register,
  rest,
  roomOf,
  send,
  startSystem,
  until,
} from '../support/system.js';

const { url, databaseUrl } = await startSystem({ env: { LIMIT_UNACKED_PER_SOCKET: '50' } });
const limited = await startSystem({ env: { LIMIT_SEND_PER_SECOND: '2', LIMIT_SEND_BURST: '5' } });

describe('messages', () => {
  it('[M1] 2,000 sends of 50 sockets into one room are 1..n, acknowledged as stored, in one order for everyone', async () => {
    const ann = await person(url);
    const room = await roomOf(ann);
    const token = await ann.session.accessToken();
    const sockets = await Promise.all(Array.from({ length: 50 }, () => rawSocket(url, token)));
    const received = sockets.map(() => [] as Entry[]);
    await Promise.all(
      sockets.map(async (socket, i) => {
        socket.on('room:entries', ({ entries }: { entries: Entry[] }) => received[i]?.push(...entries));
        expect(outcome(await ask(socket, 'room:open', { roomId: room.id, after: null }))).toBe('ok');
      }),
    );
    const acks = await Promise.all(
      sockets.flatMap((socket, i) =>
        Array.from({ length: 40 }, async (_, n) => {
          const id = newId();
          const answer = await send(socket, room.id, `${i}/${n}`, id);
          return answer.ok ? ([answer.data.seq, id] as const) : expect.fail(answer.error.code);
        }),
      ),
    );
    const expected = acks.toSorted(([a], [b]) => a - b).map(([seq, id]) => [seq, id]);
    expect(expected.map(([seq]) => seq)).toEqual(Array.from({ length: 2_000 }, (_, i) => i + 3));
    for (const entries of received) {
      await until(() => expect(entries).toHaveLength(2_000));
      expect(entries.map((entry) => entry.kind === 'message' && [entry.seq, entry.id])).toEqual(expected);
    }
  });

  it('[M9] one socket’s messages keep the order in which they were sent', async () => {
    const ann = await person(url);
    const room = await roomOf(ann);
    const socket = await rawSocket(url, await ann.session.accessToken());
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => send(socket, room.id, `${i}`)));
    expect(answers.map((answer) => answer.ok && answer.data.seq)).toEqual(Array.from({ length: 50 }, (_, i) => i + 3));
  });

  it('[M3] 100 resends of one id over sockets and REST are one row and 100 equal answers', async () => {
    const ann = await person(url);
    const room = await roomOf(ann);
    const token = await ann.session.accessToken();
    const sockets = await Promise.all(Array.from({ length: 10 }, () => rawSocket(url, token)));
    const message = { id: newId(), text: 'once' };
    const overSockets = Array.from({ length: 80 }, (_, i) =>
      ask(sockets[i % 10]!, 'message:send', { roomId: room.id, ...message }).then((answer) => answer.ok && answer.data),
    );
    const overRest = Array.from({ length: 20 }, () =>
      rest(url, 'POST', `/api/rooms/${room.id}/messages`, { token, body: message }).then(({ body }) => body as unknown),
    );
    const answers = await Promise.all([...overSockets, ...overRest]);
    expect(answers).toEqual(Array.from({ length: 100 }, () => answers[0]));
    expect(answers[0]).toMatchObject({ id: message.id, seq: 3 });
    const { status, body } = await rest(url, 'POST', `/api/rooms/${room.id}/messages`, {
      token,
      body: { ...message, text: 'other' },
    });
    expect([status, body.error.code]).toEqual([409, 'conflict']);
    expect((await ann.call('history', { params: { roomId: room.id }, query: {} })).head).toBe(3);
  });

  it('[M4] who left after a message was stored still learns that it was', async () => {
    const [ann, bob] = [await person(url), await person(url)];
    const room = await roomOf(ann, bob);
    const socket = await rawSocket(url, await bob.session.accessToken());
    const id = newId();
    const stored = await send(socket, room.id, 'mine', id);
    await bob.do('room:leave', { roomId: room.id });
    expect(await send(socket, room.id, 'mine', id)).toEqual(stored);
    expect(outcome(await send(socket, room.id, 'other', id))).toBe('conflict');
    expect(outcome(await send(socket, room.id, 'new'))).toBe('not-member');
  });

  it('[M10] history is paged both ways and tells the range it covers', async () => {
    const ann = await person(url);
    const room = await roomOf(ann);
    const socket = await rawSocket(url, await ann.session.accessToken());
    for (let i = 0; i < 8; i++) await send(socket, room.id, `${i}`);
    const page = async (query: object): Promise<unknown[]> => {
      const answer = await ask<{ from: number; to: number; entries: Entry[] }>(socket, 'history:read', {
        roomId: room.id,
        ...query,
      });
      if (!answer.ok) return [answer.error.code];
      return [answer.data.from, answer.data.to, answer.data.entries.map(({ seq }) => seq)];
    };
    expect(await page({ limit: 3 })).toEqual([8, 10, [8, 9, 10]]);
    expect(await page({ limit: 3, before: 8 })).toEqual([5, 7, [5, 6, 7]]);
    expect(await page({ limit: 3, before: 3 })).toEqual([1, 2, [1, 2]]);
    expect(await page({ limit: 3, before: 1 })).toEqual([1, 0, []]);
    expect(await page({ limit: 3, after: 0 })).toEqual([1, 3, [1, 2, 3]]);
    expect(await page({ limit: 3, after: 8 })).toEqual([9, 10, [9, 10]]);
    expect(await page({ limit: 3, after: 50 })).toEqual([51, 50, []]);
    expect(await page({ before: 3, after: 3 })).toEqual(['invalid']);
    expect(await page({ limit: 101 })).toEqual(['invalid']);
  });

  it('[L3] a socket may have only so many commands unanswered', async () => {
    const ann = await person(url);
    const room = await roomOf(ann);
    const socket = await rawSocket(url, await ann.session.accessToken());
    // while somebody else holds the room's row, no message can be stored
    const holder = await createConnection(databaseUrl);
    onTestFinished(() => holder.end());
    await holder.beginTransaction();
    await holder.query('SELECT last_seq FROM room_heads WHERE room_id = ? FOR UPDATE', [
      Buffer.from(room.id.replaceAll('-', ''), 'hex'),
    ]);
    const outcomes: string[] = [];
    const answered = Array.from({ length: 80 }, async () => outcomes.push(outcome(await send(socket, room.id))));
    await until(() => expect(outcomes).toEqual(Array.from({ length: 30 }, () => 'overloaded')));
    await holder.rollback();
    await Promise.all(answered);
    expect(outcomes.slice(30)).toEqual(Array.from({ length: 50 }, () => 'ok'));
    expect(outcome(await send(socket, room.id))).toBe('ok');
  });

  it('[L1] one sender has one limit over all connections, and is told how long to wait', async () => {
    const { accessToken } = await register(limited.url);
    const room = await rest<{ id: never }>(limited.url, 'POST', '/api/rooms', {
      token: accessToken,
      body: { name: 'x' },
    });
    const sockets = [await rawSocket(limited.url, accessToken), await rawSocket(limited.url, accessToken)];
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => send(sockets[i % 2]!, room.body.id)));
    expect(answers.filter((answer) => answer.ok)).toHaveLength(5);
    const refusals = answers.flatMap((answer) => (answer.ok ? [] : [answer.error]));
    expect(refusals.every(({ code, retryAfterMs = 0 }) => code === 'rate-limited' && retryAfterMs > 0)).toBe(true);
    const { status, headers } = await rest(limited.url, 'POST', `/api/rooms/${String(room.body.id)}/messages`, {
      token: accessToken,
      body: { id: newId(), text: 'x' },
    });
    expect([status, headers.has('retry-after')]).toEqual([429, true]);
  });
});

describe('opening a room', () => {
  it.each(['websocket', 'polling'] as const)(
    '[D3] over %s resumes with what was missed, or says that it is too much',
    async (transport) => {
      const ann = await person(url);
      const room = await roomOf(ann);
      const token = await ann.session.accessToken();
      const writer = await rawSocket(url, token);
      for (let i = 0; i < 5; i++) await send(writer, room.id, `${i}`);
      const socket = await rawSocket(url, token, { transports: [transport] });
      type Opened = { truncated: boolean; head: number; from: number; entries: Entry[] };
      const open = async (after: number | null): Promise<Opened> => {
        const answer = await ask<Opened>(socket, 'room:open', { roomId: room.id, after });
        return answer.ok ? answer.data : expect.fail(answer.error.code);
      };
      expect(await open(0)).toMatchObject({
        truncated: false,
        head: 7,
        from: 1,
        entries: [{ kind: 'system', event: 'created' }, { kind: 'system' }, { text: '0' }, {}, {}, {}, { seq: 7 }],
      });
      expect(await open(5)).toMatchObject({ truncated: false, from: 6, entries: [{ seq: 6 }, { seq: 7 }] });
      expect(await open(7)).toMatchObject({ truncated: false, entries: [] });
      expect(await open(99)).toMatchObject({ truncated: true, from: 1, head: 7 });
      const live = next(socket, 'room:entries');
      await send(writer, room.id, 'live');
      expect(await live).toMatchObject([{ roomId: room.id, entries: [{ seq: 8, text: 'live' }] }]);
      for (let i = 0; i < 210; i++) await send(writer, room.id, `${i}`);
      expect(await open(7)).toMatchObject({ truncated: true, from: 169, head: 218 });
    },
  );

  it('[D3] misses and doubles nothing while others write', async () => {
    const ann = await person(url);
    const room = await roomOf(ann);
    const token = await ann.session.accessToken();
    const writer = await rawSocket(url, token);
    let writing = true;
    const written = (async () => {
      let last = 0;
      while (writing) {
        const answers = await Promise.all(Array.from({ length: 10 }, () => send(writer, room.id)));
        for (const answer of answers) last = Math.max(last, answer.ok ? answer.data.seq : 0);
      }
      return last;
    })();
    const logs: number[][] = [];
    for (let round = 0; round < 20; round++) {
      const seqs: number[] = [];
      logs.push(seqs);
      const socket = await rawSocket(url, token);
      socket.on('room:entries', ({ entries }: { entries: Entry[] }) => seqs.push(...entries.map(({ seq }) => seq)));
      const answer = await ask<{ entries: Entry[] }>(socket, 'room:open', { roomId: room.id, after: null });
      seqs.unshift(...(answer.ok ? answer.data.entries.map(({ seq }) => seq) : []));
    }
    writing = false;
    const head = await written;
    for (const seqs of logs) {
      await until(() => expect(seqs.at(-1)).toBe(head));
      expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => head - seqs.length + 1 + i));
    }
  });
});
