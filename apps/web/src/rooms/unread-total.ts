import type { MyRoom } from '@maru/contract';

/** A room has something that I have not read, or that I want to come back to. */
export const isUnread = ({ unread, preferences }: MyRoom): boolean => unread > 0 || preferences.markedUnread;

/** What is unread in all rooms that may speak up; one for each that I only marked. */
export const unreadTotal = (rooms: readonly MyRoom[]): number =>
  rooms
    .filter(({ preferences }) => preferences.notify !== 'none')
    .reduce((total, { unread, preferences }) => total + (unread || Number(preferences.markedUnread)), 0);

/** The next room with something unread from this one on, up or down, around the ends. */
export function nextUnread(rooms: readonly MyRoom[], from: string | null, by: 1 | -1): MyRoom | undefined {
  const count = rooms.length;
  const at = rooms.findIndex(({ id }) => id === from);
  const start = at >= 0 ? at : by > 0 ? -1 : count;
  for (let step = 1; step <= count; step++) {
    const room = rooms[(((start + by * step) % count) + count) % count];
    if (room !== undefined && room.id !== from && isUnread(room)) return room;
  }
  return undefined;
}
