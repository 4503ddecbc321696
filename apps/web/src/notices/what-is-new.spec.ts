import type { Message, MyRoom, Notify, RoomId, UserId } from '@maru/contract';
import { describe, expect, it } from 'vitest';
import { whatIsNew } from './what-is-new.ts';

const [me, bob] = ['me', 'bob'] as UserId[] as [UserId, UserId];
const said = (seq: number, senderId = bob, text: string | null = `text ${seq}`): Message =>
  ({ kind: 'message', seq, senderId, text }) as unknown as Message;
const room = (last: Message, rest: Partial<MyRoom> = {}, notify: Notify = 'all'): MyRoom =>
  ({
    id: 'hall' as RoomId,
    last,
    unread: 1,
    mentions: [],
    read: { seq: 3, ordinal: 1 },
    preferences: { notify, pinned: false, markedUnread: false },
    ...rest,
  }) as MyRoom;
const news = (before: MyRoom, now: MyRoom): unknown[] =>
  whatIsNew([before], [now], me).map(({ message, mentioned }) => [message?.seq ?? null, mentioned]);

describe('one is told', () => {
  it('[W15] of what others say, not of what one says oneself, has read already or has muted', () => {
    expect(news(room(said(4)), room(said(5)))).toEqual([[5, false]]);
    expect(news(room(said(4)), room(said(5, me)))).toEqual([]);
    expect(news(room(said(4)), room(said(5), { unread: 0, read: { seq: 5, ordinal: 3 } }))).toEqual([]);
    expect(news(room(said(4), {}, 'none'), room(said(5), { mentions: [5] }, 'none'))).toEqual([]);
    expect(news(room(said(5)), room(said(5, bob, null)))).toEqual([]);
    expect(news(room(said(5)), room(said(5)))).toEqual([]);
  });

  it('[W15] only of mentions where that is wished, with the text where it is known', () => {
    const before = room(said(4), {}, 'mentions');
    expect(news(before, room(said(5), {}, 'mentions'))).toEqual([]);
    expect(news(before, room(said(5), { mentions: [5] }, 'mentions'))).toEqual([[5, true]]);
    expect(news(before, room(said(6), { mentions: [5] }, 'mentions'))).toEqual([[null, true]]);
  });

  it('[W15] nothing of a room that was not there before: one has just come', () => {
    expect(whatIsNew([], [room(said(5))], me)).toEqual([]);
  });
});
