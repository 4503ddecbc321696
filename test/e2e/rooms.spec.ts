import { PROTOCOL_VERSION } from '@maru/contract';
import { createConnection } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import {
  ask,
  metric,
  newId,
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

const { url, databaseUrl, nodes } = await startSystem();

const timeline = (client: Awaited<ReturnType<typeof person>>, roomId: Parameters<typeof client.room>[0]) =>
  client.room(roomId).store.get().timeline;

describe('rooms', () => {
  it('[R1] belong to who made them and begin with that', async () => {
    const ann = await person(url);
    const room = await roomOf(ann);
    const { items } = await ann.call('members', { params: { roomId: room.id }, query: {} });
    expect(items).toMatchObject([{ role: 'owner', joinedSeq: 2, person: ann.session.store.get().person }]);
    const { entries } = await ann.call('history', { params: { roomId: room.id }, query: {} });
    expect(entries.map((entry) => entry.kind === 'system' && entry.event)).toEqual(['created', 'joined']);
    const { items: found } = await ann.call('publicRooms', { query: { search: room.name } });
    expect(found).toMatchObject([{ id: room.id, joined: true, memberCount: 1 }]);
  });

  it('[R2] are joined once, however often one joins, with one entry each', async () => {
    const [ann, bob] = [await person(url), await person(url)];
    const room = await roomOf(ann);
    const joined = await Promise.all(Array.from({ length: 10 }, () => bob.do('room:join', { roomId: room.id })));
    expect(joined.every(({ memberCount, head }) => memberCount === 2 && head === 3)).toBe(true);
    const { entries } = await ann.call('history', { params: { roomId: room.id }, query: {} });
    expect(entries.map((entry) => entry.seq)).toEqual([1, 2, 3]);
    const connection = await createConnection(databaseUrl);
    const [heads] = await connection.query(
      `SELECT h.last_seq, r.member_count FROM room_heads h JOIN rooms r ON r.id = h.room_id
       WHERE r.id = UNHEX(REPLACE(?, '-', ''))`,
      [room.id],
    );
    await connection.end();
    expect(heads).toEqual([{ last_seq: 3, member_count: 2 }]);
  });

  it('[R3] nothing above the leaving reaches the leaver, who may come back', async () => {
    const [ann, bob] = [await person(url), await person(url)];
    const room = await roomOf(ann, bob);
    const [mine, theirs] = [ann.room(room.id), bob.room(room.id)];
    mine.open();
    theirs.open();
    await until(() => expect([mine.store.get().status, theirs.store.get().status]).toEqual(['open', 'open']));
    const raw = await rawSocket(url, await bob.session.accessToken());
    await ask(raw, 'room:open', { roomId: room.id, after: null });
    const seen: number[] = [];
    raw.on('room:entries', ({ entries }: { entries: { seq: number }[] }) =>
      seen.push(...entries.map(({ seq }) => seq)),
    );
    await bob.do('room:leave', { roomId: room.id });
    mine.send('after you left');
    await until(() => expect(timeline(ann, room.id).to).toBe(5));
    await until(() => expect(theirs.store.get().status).toBe('left'));
    expect(timeline(bob, room.id).to).toBe(4);
    expect(seen).toEqual([4]);
    expect(outcome(await ask(raw, 'room:open', { roomId: room.id, after: 4 }))).toBe('not-member');
    expect(outcome(await send(raw, room.id))).toBe('not-member');

    await bob.do('room:join', { roomId: room.id });
    theirs.open();
    await until(() => expect(timeline(bob, room.id).to).toBe(6));
  });

  it('[R4] nothing stays of a command that comes together with the end of its socket', async () => {
    const ann = await person(url);
    const room = await roomOf(ann);
    const token = await ann.session.accessToken();
    ann.close();
    const served = (): Promise<number> => metric(nodes[0], 'maru_rooms_served');
    await until(async () => expect(await served()).toBe(0));
    const polling = `${url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(polling)).text()).slice(1)) as { sid: string };
    const post = (body: string): Promise<Response> => fetch(`${polling}&sid=${sid}`, { method: 'POST', body });
    await post(`40${JSON.stringify({ token, protocol: PROTOCOL_VERSION })}`);
    expect(await (await fetch(`${polling}&sid=${sid}`)).text()).toContain('40{');
    const open = JSON.stringify(['room:open', { roomId: room.id, after: null }]);
    await post([`42${open}`, '42["rooms:watch",{}]', '1'].join('\x1e'));
    // a command of somebody else is answered after it
    await ask(await rawSocket(url, token), 'history:read', { roomId: room.id });
    expect(await served()).toBe(0);
  });

  it('[W7] a room that is closed and opened again at once is live', async () => {
    const [ann, bob] = [await person(url), await person(url)];
    const room = await roomOf(ann, bob);
    const view = bob.room(room.id);
    for (let i = 0; i < 5; i++) {
      view.open();
      view.close();
    }
    view.open();
    await until(() => expect(view.store.get().status).toBe('open'));
    ann.room(room.id).send('are you there?');
    await until(() => expect(timeline(bob, room.id).to).toBe(4));
  });

  it('[R4] losing the connection leaves no room', async () => {
    const [ann, bob] = [await person(url), await person(url)];
    const room = await roomOf(ann, bob);
    bob.close();
    await until(async () => {
      const { items } = await ann.call('members', { params: { roomId: room.id }, query: {} });
      expect(items).toHaveLength(2);
    });
    expect((await bob.call('myRooms', {})).rooms.map(({ id }) => id)).toEqual([room.id]);
  });

  it('[D6] a room joined elsewhere appears in the list, and one that was left goes', async () => {
    const [ann, bob] = [await person(url), await person(url)];
    const room = await roomOf(ann);
    await until(() => expect(bob.rooms.store.get().status).toBe('ready'));
    await rest(url, 'POST', `/api/rooms/${room.id}/join`, { token: await bob.session.accessToken() });
    await until(() => expect(bob.rooms.store.get().rooms.map(({ id }) => id)).toEqual([room.id]));
    ann.room(room.id).send('news');
    await until(() => expect(bob.rooms.store.get().rooms[0]?.last).toMatchObject({ text: 'news' }));
    await rest(url, 'POST', `/api/rooms/${room.id}/leave`, { token: await bob.session.accessToken() });
    await until(() => expect(bob.rooms.store.get().rooms).toEqual([]));
  });
});

describe('bad input', () => {
  it('[C5] every malformed command gets a definite answer, and the socket goes on', async () => {
    const { accessToken } = await register(url);
    const socket = await rawSocket(url, accessToken);
    const roomId = '019a2b3c-4d5e-7f00-8a00-0123456789ab';
    const deep = JSON.parse('['.repeat(500) + ']'.repeat(500)) as unknown;
    const bad: unknown[][] = [
      [{ roomId: { id: 1 }, id: newId(), text: 'x' }],
      [{ roomId, id: newId(), text: 'x', extra: 1 }],
      [{ roomId, id: 'x', text: 'x' }],
      [{ roomId, id: newId(), text: '\uD800' }],
      [{ roomId, id: newId(), text: '' }],
      [{ roomId, id: newId(), text: Buffer.from('x') }],
      [deep],
      [null],
      ['x'],
      [],
      [{}, {}],
    ];
    for (const args of bad) expect(outcome(await ask(socket, 'message:send', ...args))).toBe('invalid');
    expect(outcome(await ask(socket, 'nothing:like-this', {}))).toBe('unknown-event');
    expect(outcome(await ask(socket, 'hasOwnProperty', {}))).toBe('unknown-event');
    for (const event of ['message:send', 'room:open', 'history:read']) {
      const valid =
        event === 'message:send'
          ? { roomId, id: newId(), text: 'x' }
          : { roomId, ...(event === 'room:open' ? { after: null } : {}) };
      expect(outcome(await ask(socket, event, valid))).toBe('not-member');
    }
    expect(socket.connected).toBe(true);
  });

  it('[C5] a refusal without an acknowledgement comes as an error event', async () => {
    const socket = await rawSocket(url, (await register(url)).accessToken);
    const refused = new Promise((resolve) => socket.once('error', resolve));
    socket.emit('message:send', { text: 1 });
    expect(await refused).toMatchObject({ event: 'message:send', error: { code: 'invalid' } });
  });

  it('[C5] a frame that is too big closes its connection, and no other', async () => {
    const { accessToken } = await register(url);
    const [big, small] = [await rawSocket(url, accessToken), await rawSocket(url, accessToken)];
    const closed = new Promise((resolve) => big.once('disconnect', (_reason, details) => resolve(details)));
    big.emit('message:send', { text: 'x'.repeat(10_000_000) });
    await closed;
    expect(outcome(await ask(small, 'rooms:watch', {}))).toBe('ok');
  });

  it('[C5] an unreadable frame closes its connection, and no other', async () => {
    const { accessToken } = await register(url);
    const [broken, fine] = [await rawSocket(url, accessToken), await rawSocket(url, accessToken)];
    const closed = new Promise((resolve) => broken.once('disconnect', resolve));
    const transport = (broken.io.engine as unknown as { transport: { ws: { send(frame: string): void } } }).transport;
    transport.ws.send('42["message:send"{');
    await closed;
    expect(outcome(await ask(fine, 'rooms:watch', {}))).toBe('ok');
  });

  it('[C5] REST answers everything it cannot read with a code', async () => {
    const { accessToken: token } = await register(url);
    const post = (body: string, type = 'application/json', path = '/api/rooms') =>
      fetch(url + path, { method: 'POST', body, headers: { 'content-type': type, authorization: `Bearer ${token}` } });
    const cases: [Response, number, string][] = [
      [await post('{"name":'), 400, 'invalid'],
      [await post('{"name":5}'), 400, 'invalid'],
      [await post('{"name":"x","more":1}'), 400, 'invalid'],
      [await post('{"__proto__":{"name":"x"}}'), 400, 'invalid'],
      [await post('name=x', 'application/x-www-form-urlencoded'), 400, 'invalid'],
      [await post(JSON.stringify({ name: 'x'.repeat(200_000) })), 413, 'too-large'],
      [await post('{}', 'application/json', '/api/rooms/not-an-id/join'), 400, 'invalid'],
      [await post('{}', 'application/json', '/api/nothing'), 404, 'not-found'],
      [await fetch(`${url}/api/rooms/%ff`), 400, 'invalid'],
      [await fetch(`${url}/api/rooms/${'x'.repeat(200)}/join`, { method: 'POST' }), 400, 'invalid'],
      [await fetch(`${url}/api/people?ids=${'x'.repeat(20_000)}`), 413, 'too-large'],
    ];
    for (const [response, status, code] of cases) {
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ error: { code, requestId: expect.any(String) as string } });
    }
  });
});
