import type { ReadCursor, RoomId, UserId } from '@maru/contract';

/** How far one member is to have read. */
export interface Reading extends ReadCursor {
  roomId: RoomId;
  userId: UserId;
}

/** What became of it. */
export interface Advanced {
  reading: Reading;
  /** Where the cursor is now: where it was already, if that is further. */
  cursor: ReadCursor;
  /** The step that was made; undefined where none was, or where nobody can be told which. */
  step: Step | undefined;
}

/** Up to which step somebody knows the cursors of a room. */
export interface Version {
  generation: string;
  version: number;
}

/** One step of one cursor, with its place among the steps of the room. */
export interface Step extends Version {
  userId: UserId;
  from: number;
  to: number;
}

/** All members of a room and how far they have read, at one moment. */
export interface Snapshot extends Version {
  /** Newest entry that changed who is a member. */
  membersSeq: number;
  historyEpoch: number;
  cursors: ReadonlyMap<UserId, number>;
}

/** Somebody became a member, or ended to be one, with this entry. */
export interface MemberChange extends ReadCursor {
  userId: UserId;
  way: 'in' | 'out';
}
