import type { MyRoom, Notify } from '@maru/contract';
import { describe, expect, it } from 'vitest';
import { nextUnread, unreadTotal } from './unread-total.ts';

const room = (id: string, unread: number, markedUnread = false, notify: Notify = 'all'): MyRoom =>
  ({ id, unread, preferences: { notify, pinned: false, markedUnread } }) as unknown as MyRoom;

describe('rooms with something unread', () => {
  it('[W14] are counted together, muted ones aside, and as one where only marked', () => {
    expect(unreadTotal([])).toBe(0);
    expect(unreadTotal([room('a', 3), room('b', 0, true), room('c', 2, true), room('d', 9, true, 'none')])).toBe(6);
    expect(unreadTotal([room('a', 3, false, 'mentions')])).toBe(3);
  });

  it('[W14] follow one another up and down, around the ends', () => {
    const rooms = [room('a', 1), room('b', 0), room('c', 0, true), room('d', 0)];
    const next = (from: string | null, by: 1 | -1): string | undefined => nextUnread(rooms, from, by)?.id;
    expect([next('a', 1), next('b', 1), next('c', 1), next('d', 1), next(null, 1)]).toEqual(['c', 'c', 'a', 'a', 'a']);
    expect([next('a', -1), next('d', -1), next('c', -1), next(null, -1)]).toEqual(['c', 'c', 'a', 'c']);
    expect(nextUnread([room('a', 1), room('b', 0)], 'a', 1)).toBeUndefined();
    expect(nextUnread([], null, 1)).toBeUndefined();
  });
});
