import type { RoomId } from '@maru/contract';

/** Cursors lie in so many slots of a Redis Cluster; what one script touches lies in one. */
const GROUPS = 16;

const groupOf = (room: RoomId): number => Number.parseInt(room.slice(-2), 16) % GROUPS;

/** Keys of read cursors, with the set of rooms that are to be written in the same slot as those rooms. */
export const cursorKeys = {
  cursors: (room: RoomId): string => `{rc:${groupOf(room)}}:${room}`,
  /** What the database does not have yet. */
  unwritten: (room: RoomId): string => `{rc:${groupOf(room)}}:${room}:unwritten`,
  due: (room: RoomId): string => `{rc:${groupOf(room)}}:due`,
  allDue: Array.from({ length: GROUPS }, (_, group) => `{rc:${group}}:due`),
};
