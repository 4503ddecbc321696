import { MaruClient } from '@maru/client';
import type { Message, Room, RoomReads, UnreadNumbers } from '@maru/contract';
import { Database } from '@maru/database';
import { createLogger } from '@maru/observability';
import { ReadCursors } from '@maru/read-cursors';
import { connectRedis } from '@maru/redis';
import { createConnection } from 'mysql2/promise';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ask, newId, newName, next, person, rawSocket, roomOf, startSystem, until } from '../support/system.js';

let url: string;
let databaseUrl: string;
let redisUrl: string;
beforeAll(async () => {
  ({ url, databaseUrl, redisUrl } = await startSystem());
});

const idOf = (client: MaruClient) => client.session.store.get().person!.id;
const say = (client: MaruClient, room: Room, text = 'hello') =>
  client.call('sendMessage', { params: { roomId: room.id }, body: { id: newId(), text } });
const mine = async (client: MaruClient, room: Room) => {
  const { rooms } = await client.call('myRooms');
  return rooms.find(({ id }) => id === room.id)!;
};
const numbers = async (client: MaruClient, room: Room): Promise<UnreadNumbers> =>
  client.call('unreadNumbers', { params: { roomId: room.id }, query: { from: '1' } });

describe('read cursors', () => {
  it('[U1] move forward only, and never past the head', async () => {
    const [ann, bob] = [await person(url), await person(url)];
    const room = await roomOf(ann, bob);
    const stored = [await say(ann, room), await say(ann, room), await say(ann, room)];
    expect(await mine(bob, room)).toMatchObject({ unread: 3 });
    const second = stored[1]!.seq;
    expect(await bob.do('room:read', { roomId: room.id, seq: second })).toEqual({ seq: second, ordinal: 2 });
    expect(await bob.do('room:read', { roomId: room.id, seq: 1 })).toEqual({ seq: second, ordinal: 2 });
    expect(await mine(bob, room)).toMatchObject({ unread: 1, read: { seq: second, ordinal: 2 } });
    const last = stored[2]!.seq;
    expect(await bob.do('room:read', { roomId: room.id, seq: last + 1_000 })).toEqual({ seq: last, ordinal: 3 });
    expect(await mine(bob, room)).toMatchObject({ unread: 0 });
  });

  it('[U2] [U7] follow what their person says at once, also over REST', async () => {
    const [ann, bob] = [await person(url), await person(url)];
    const room = await roomOf(ann, bob);
    for (let i = 0; i < 5; i++) {
      const { seq, ordinal } = await say(ann, room);
      expect(await mine(ann, room)).toMatchObject({ unread: 0, read: { seq, ordinal } });
    }
    expect(await mine(bob, room)).toMatchObject({ unread: 5 });
  });

  it('[U1] are written back to the database', async () => {
    const [ann, bob] = [await person(url), await person(url)];
    const room = await roomOf(ann, bob);
    const { seq } = await say(ann, room);
    await bob.do('room:read', { roomId: room.id, seq });
    const connection = await createConnection(databaseUrl);
    onTestFinished(() => connection.end());
    await until(async () => {
      const [rows] = await connection.query('SELECT seq FROM read_cursors WHERE user_id = ?', [
        Buffer.from(idOf(bob).replaceAll('-', ''), 'hex'),
      ]);
      expect(rows).toEqual([{ seq }]);
    });
  });

  it('[U2] of one person are the same on all devices', async () => {
    const [ann, bob] = [await person(url), await person(url)];
    const room = await roomOf(ann, bob);
    const token = await bob.session.accessToken();
    const other = await rawSocket(url, token);
    await ask(other, 'rooms:watch', {});
    const { seq } = await say(ann, room);
    const told = next<[unknown]>(other, 'room:mine');
    await bob.do('room:read', { roomId: room.id, seq });
    expect((await told)[0]).toEqual({ roomId: room.id, read: { seq, ordinal: 1 } });
  });
});

describe('unread numbers', () => {
  it('[U3] count the members who have not read a message, its sender aside', async () => {
    const [ann, bob, eve] = [await person(url), await person(url), await person(url)];
    const room = await roomOf(ann, bob, eve);
    const first = await say(ann, room);
    const second = await say(bob, room);
    await until(async () =>
      expect((await numbers(eve, room)).numbers).toEqual([
        [first.seq, 1],
        [second.seq, 2],
      ]),
    );
    await eve.do('room:read', { roomId: room.id, seq: second.seq });
    await ann.do('room:read', { roomId: room.id, seq: second.seq });
    expect(await numbers(ann, room)).toMatchObject({ members: 3, numbers: [], to: second.seq });
  });

  it('[U4] reach 0 when who has not read leaves, and do not rise for who comes', async () => {
    const [ann, bob, eve] = [await person(url), await person(url), await person(url)];
    const room = await roomOf(ann, bob);
    const { seq } = await say(ann, room);
    expect((await numbers(ann, room)).numbers).toEqual([[seq, 1]]);
    await eve.do('room:join', { roomId: room.id });
    expect(await numbers(ann, room)).toMatchObject({ members: 3, numbers: [[seq, 1]] });
    await bob.do('room:leave', { roomId: room.id });
    expect(await numbers(ann, room)).toMatchObject({ members: 2, numbers: [] });
  });

  it('[U5] tell who looks of each step once, as a range', async () => {
    const [ann, bob] = [await person(url), await person(url)];
    const room = await roomOf(ann, bob);
    const [first, second] = [await say(ann, room), await say(ann, room)];
    const socket = await rawSocket(url, await ann.session.accessToken());
    await ask(socket, 'room:open', { roomId: room.id, after: null });
    const before = await numbers(ann, room);
    const told: RoomReads[] = [];
    socket.on('room:reads', (reads: RoomReads) => told.push(reads));
    await bob.do('room:read', { roomId: room.id, seq: first.seq });
    await bob.do('room:read', { roomId: room.id, seq: second.seq });
    // in one frame or in two, after one that only tells the version, and among ann's own
    const steps = (): RoomReads['ranges'] =>
      told.flatMap(({ ranges }) => ranges.filter(({ userId }) => userId === idOf(bob)));
    await until(() => expect(steps().at(-1)).toMatchObject({ to: second.seq }));
    expect(steps().every(({ from, to }, i) => from < to && from >= (steps()[i - 1]?.to ?? 0))).toBe(true);
    expect(new Set(told.map(({ generation }) => generation))).toEqual(new Set([before.generation]));
  });

  it('[U5] are right again although a step was told to nobody', async () => {
    const [ann, bob] = [await person(url), await person(url)];
    const room = await roomOf(ann, bob);
    const { seq, ordinal } = await say(ann, room);
    const view = ann.room(room.id);
    view.open();
    await until(() => expect(view.store.get().unread.get(seq)).toBe(1));
    const logger = createLogger({ level: 'silent', node: 'test' });
    const redis = connectRedis(redisUrl, logger);
    const database = await Database.connect({ url: databaseUrl, replicaUrls: [], poolSize: 1 }, logger);
    const silent = new ReadCursors(redis, database, logger);
    onTestFinished(async () => {
      await silent.close();
      redis.disconnect();
      await database.close();
    });
    await until(() => expect(redis.status).toBe('ready'));
    await silent.advance([{ roomId: room.id, userId: idOf(bob), seq, ordinal }]);
    await until(() => expect(view.store.get().unread.get(seq) ?? 0).toBe(0));
  });

  it('[U6] name nobody who came later', async () => {
    const [ann, eve] = [await person(url), await person(url)];
    const room = await ann.do('room:create', { name: newName(), history: 'joined' });
    const { seq } = await say(ann, room);
    await eve.do('room:join', { roomId: room.id });
    const about = { params: { roomId: room.id, seq: String(seq) } };
    expect((await ann.call('readers', about)).items).toEqual([]);
    expect((await ann.call('readers', { ...about, query: { read: 'false' } })).items).toEqual([]);
    await expect(eve.call('readers', about)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('[U6] come with the people who have read a message, and who have not', async () => {
    const [ann, bob, eve] = [await person(url), await person(url), await person(url)];
    const room = await roomOf(ann, bob, eve);
    const { seq } = await say(ann, room);
    await bob.do('room:read', { roomId: room.id, seq });
    const about = { params: { roomId: room.id, seq: String(seq) } };
    const read = await ann.call('readers', about);
    const unread = await ann.call('readers', { ...about, query: { read: 'false' } });
    expect([read.items, unread.items].map((items) => items.map(({ id }) => id))).toEqual([[idOf(bob)], [idOf(eve)]]);
  });
});

describe('the list of rooms', () => {
  it('[U7] shows the newest first, in pages, with what is unread and who mentions me', async () => {
    const [ann, bob] = [await person(url), await person(url)];
    const rooms: Room[] = [];
    for (let i = 0; i < 5; i++) rooms.push(await roomOf(ann, bob));
    for (const room of rooms) await say(ann, room, `in ${room.name}`);
    const name = bob.session.store.get().person!.name;
    const { seq } = await say(ann, rooms[2]!, `look, @${name}`);
    const expected = [rooms[2]!, rooms[4]!, rooms[3]!, rooms[1]!, rooms[0]!].map(({ id }) => id);
    await until(async () => {
      const first = await bob.call('myRooms', { query: { limit: '2' } });
      const second = await bob.call('myRooms', { query: { limit: '2', after: first.next! } });
      const third = await bob.call('myRooms', { query: { limit: '2', after: second.next! } });
      expect([...first.rooms, ...second.rooms, ...third.rooms].map(({ id }) => id)).toEqual(expected);
      expect(third.next).toBeNull();
      expect(first.rooms[0]).toMatchObject({ unread: 2, mentions: [seq], last: { text: `look, @${name}` } });
      expect(first.people.map(({ id }) => id)).toContain(idOf(ann));
    });
    await bob.do('room:read', { roomId: rooms[2]!.id, seq });
    expect(await mine(bob, rooms[2]!)).toMatchObject({ unread: 0, mentions: [] });
  });

  it('[U7] always has the newest message, whether or not its event has come', async () => {
    const [ann, bob] = [await person(url), await person(url)];
    const room = await roomOf(ann, bob);
    for (let i = 0; i < 10; i++) {
      await say(ann, room, `number ${i}`);
      expect((await mine(ann, room)).last as Message).toMatchObject({ text: `number ${i}` });
    }
  });

  it('[U8] is searched by name, also by the initial consonants of Korean', async () => {
    const ann = await person(url);
    const hall = await ann.do('room:create', { name: '마루 이야기' });
    await ann.do('room:create', { name: 'Kitchen' });
    const find = async (search: string) =>
      (await ann.call('myRooms', { query: { search } })).rooms.map(({ name }) => name);
    expect(await find('ㅁㄹ')).toEqual([hall.name]);
    expect(await find('루이')).toEqual([hall.name]);
    expect(await find('kit')).toEqual(['Kitchen']);
    expect(await find('nothing')).toEqual([]);
  });

  it('[U9] keeps what is preferred at the same time from two places', async () => {
    const ann = await person(url);
    for (let i = 0; i < 10; i++) {
      const room = await roomOf(ann);
      await Promise.all([
        ann.do('room:prefer', { roomId: room.id, pinned: true }),
        ann.do('room:prefer', { roomId: room.id, notify: 'none' }),
      ]);
      expect((await mine(ann, room)).preferences).toMatchObject({ pinned: true, notify: 'none' });
    }
  });

  it('[U9] keeps what each member prefers to himself', async () => {
    const [ann, bob] = [await person(url), await person(url)];
    const room = await roomOf(ann, bob);
    const { seq } = await say(ann, room);
    await bob.do('room:read', { roomId: room.id, seq });
    expect(await bob.do('room:prefer', { roomId: room.id, pinned: true, markedUnread: true })).toEqual({
      notify: 'all',
      pinned: true,
      markedUnread: true,
    });
    expect(await bob.do('room:prefer', { roomId: room.id, notify: 'none' })).toMatchObject({ pinned: true });
    expect(await mine(bob, room)).toMatchObject({
      unread: 0,
      preferences: { notify: 'none', pinned: true, markedUnread: true },
    });
    expect(await mine(ann, room)).toMatchObject({ preferences: { notify: 'all', pinned: false, markedUnread: false } });
    expect((await numbers(ann, room)).numbers).toEqual([]);
    await say(ann, room);
    await bob.do('room:read', { roomId: room.id, seq: seq + 1 });
    expect(await mine(bob, room)).toMatchObject({ preferences: { pinned: true, markedUnread: false } });
  });
});
