import { ChatError, type MyRoom, type RoomId, type RoomPreferences, type UserId } from '@maru/contract';
import { describe, expect, it } from 'vitest';
import { RoomList } from './room-list.js';

const [hall, yard] = ['hall', 'yard'] as RoomId[] as [RoomId, RoomId];
const PLAIN: RoomPreferences = { notify: 'all', pinned: false, markedUnread: false };

const room = (id: RoomId, createdAt: number): MyRoom =>
  ({
    id,
    createdAt,
    head: 5,
    ordinal: 3,
    last: null,
    unread: 2,
    mentions: [4],
    read: { seq: 3, ordinal: 1 },
    preferences: PLAIN,
  }) as unknown as MyRoom;

/** A list of two rooms whose commands are answered by hand, in any order. */
async function setup() {
  const asked: { payload: unknown; answer: (data: unknown) => void; refuse: (error: ChatError) => void }[] = [];
  const heard = new Map<string, (fact: never) => void>();
  const list = new RoomList(
    {
      online: true,
      onConnect: () => {},
      on: (event, listener) => void heard.set(event, listener),
      request: ((_command: string, payload: unknown) =>
        new Promise((answer, refuse) => asked.push({ payload, answer, refuse }))) as never,
    },
    { learn: () => {}, want: () => {} },
    () => 'me' as UserId,
    (notify) => notify(),
  );
  const loading = list.load();
  asked.shift()!.answer({ rooms: [room(hall, 2), room(yard, 1)], people: [], next: null });
  await loading;
  const shown = (id: RoomId): MyRoom => list.store.get().rooms.find((one) => one.id === id)!;
  const tell = (event: string, fact: unknown): void => heard.get(event)?.(fact as never);
  return { list, asked, shown, tell };
}

describe('preferences in the list of rooms', () => {
  it('[U9] show at once, and a pinned room stands above', async () => {
    const { list, asked, shown } = await setup();
    const done = list.prefer(yard, { pinned: true });
    expect(list.store.get().rooms.map(({ id }) => id)).toEqual([yard, hall]);
    asked.shift()!.answer({ ...PLAIN, pinned: true });
    await done;
    expect(shown(yard).preferences.pinned).toBe(true);
  });

  it('[W10] are taken back where they are refused, and nothing else with them', async () => {
    const { list, asked, shown } = await setup();
    const pin = list.prefer(hall, { pinned: true });
    const mute = list.prefer(hall, { notify: 'none' });
    expect(shown(hall).preferences).toEqual({ ...PLAIN, pinned: true, notify: 'none' });
    asked[0]!.refuse(new ChatError('overloaded'));
    await expect(pin).rejects.toMatchObject({ code: 'overloaded' });
    expect(shown(hall).preferences).toEqual({ ...PLAIN, notify: 'none' });
    asked[1]!.answer({ ...PLAIN, notify: 'none' });
    await mute;
    expect(shown(hall).preferences).toEqual({ ...PLAIN, notify: 'none' });
  });

  it('[U9] of another device come in while one of mine is not answered', async () => {
    const { list, asked, shown, tell } = await setup();
    const pin = list.prefer(hall, { pinned: true });
    tell('room:mine', { roomId: hall, preferences: { ...PLAIN, notify: 'mentions' } });
    expect(shown(hall).preferences).toEqual({ ...PLAIN, notify: 'mentions', pinned: true });
    asked.shift()!.refuse(new ChatError('unknown'));
    await expect(pin).rejects.toMatchObject({ code: 'unknown' });
    expect(shown(hall).preferences).toEqual({ ...PLAIN, notify: 'mentions' });
  });

  it('[U1] reading everything takes what is unread and who mentions me away, and the mark', async () => {
    const { list, asked, shown, tell } = await setup();
    tell('room:mine', { roomId: hall, preferences: { ...PLAIN, markedUnread: true } });
    const done = list.readAll(hall);
    expect(asked[0]!.payload).toEqual({ roomId: hall, seq: 5 });
    asked.shift()!.answer({ seq: 5, ordinal: 3 });
    await done;
    expect(shown(hall)).toMatchObject({ unread: 0, mentions: [], preferences: PLAIN });
    expect(shown(yard)).toMatchObject({ unread: 2 });
  });

  it('[W14] what comes to a room that somebody looks at is read with its coming, and ends its mark', async () => {
    const { list, shown, tell } = await setup();
    list.lookAt(hall);
    expect(shown(hall)).toMatchObject({ unread: 0, mentions: [] });
    tell('room:mine', { roomId: hall, preferences: { ...PLAIN, markedUnread: true } });
    const last = { kind: 'message', senderId: 'bob', seq: 6, ordinal: 4, createdAt: 9 };
    tell('room:activity', { roomId: hall, head: 6, ordinal: 4, last, changed: false });
    expect(shown(hall)).toMatchObject({ unread: 0, preferences: PLAIN, last: { seq: 6 } });
    list.lookAt(undefined);
    tell('room:activity', { roomId: hall, head: 7, ordinal: 5, last: { ...last, seq: 7, ordinal: 5 }, changed: false });
    expect(shown(hall)).toMatchObject({ unread: 1 });
  });
});

describe('a list that is read again', () => {
  it('[U7] keeps what was told meanwhile', async () => {
    const { list, asked, shown, tell } = await setup();
    const loading = list.load();
    tell('room:mentioned', { roomId: hall, seq: 6 });
    tell('room:mine', { roomId: hall, preferences: { ...PLAIN, pinned: true } });
    tell('room:activity', { roomId: hall, head: 6, ordinal: 4, last: null, changed: false });
    asked.shift()!.answer({ rooms: [room(hall, 2), room(yard, 1)], people: [], next: null });
    await loading;
    expect(shown(hall)).toMatchObject({ head: 6, unread: 3, mentions: [6, 4], preferences: { pinned: true } });
  });
});
