import type { RoomId, UserId } from '@maru/contract';

const key = (me: UserId, room: RoomId): string => `maru.draft.${me}.${room}`;

/** What was typed and not sent survives a switch of rooms and a reload; it belongs to one person. */
export function readDraft(me: UserId, room: RoomId): string {
  try {
    return localStorage.getItem(key(me, room)) ?? '';
  } catch {
    return '';
  }
}

export function keepDraft(me: UserId, room: RoomId, text: string): void {
  try {
    if (text === '') localStorage.removeItem(key(me, room));
    else localStorage.setItem(key(me, room), text);
  } catch {
    // without storage a draft lasts as long as the room is open
  }
}
