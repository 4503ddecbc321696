import type { RoomId } from '@maru/contract';

/** Cursors lie in so many slots of a Redis Cluster; what one script changes lies in one. */
const GROUPS = 16;

const tag = (room: RoomId): string => `{rc:${Number.parseInt(room.slice(-2), 16) % GROUPS}}`;

/** Keys of read cursors, with the set of rooms that are to be written in the same slot as those rooms. */
export const cursorKeys = {
  cursors: (room: RoomId): string => `${tag(room)}:${room}`,
  /** What the database does not have yet. */
  unwritten: (room: RoomId): string => `${tag(room)}:${room}:unwritten`,
  /** Cursors that are being loaded by one node. */
  filling: (room: RoomId, generation: string): string => `${tag(room)}:${room}:filling:${generation}`,
  settled: (room: RoomId): string => `${tag(room)}:${room}:settled`,
  due: (room: RoomId): string => `${tag(room)}:due`,
  allDue: Array.from({ length: GROUPS }, (_, group) => `{rc:${group}}:due`),
};
