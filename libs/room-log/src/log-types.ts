import type { Entry, MessageId, RoomId, Stored, UserId } from '@maru/contract';

/** What allows a person to write to a room, as it was when it was read on the primary. */
export interface Rights {
  /** Raised by everything that takes a right away in this room. The writer counts rows in only under this epoch. */
  epoch: number;
  joinedSeq: number;
}

export interface MessageIdentity {
  roomId: RoomId;
  senderId: UserId;
  id: MessageId;
}

/** What somebody wants to say, with its identity as one word; that is asked for often. */
export class NewMessage implements MessageIdentity {
  readonly key: string;

  constructor(
    readonly roomId: RoomId,
    readonly senderId: UserId,
    readonly id: MessageId,
    readonly text: string,
  ) {
    this.key = messageKey(this);
  }
}

/** A message's identity, as UNIQUE (room_id, sender_id, id) sees it. */
export const messageKey = ({ roomId, senderId, id }: MessageIdentity): string => `${roomId}${senderId}${id}`;

/** The newest place of a room's log and the epochs that guard it, from one row. */
export interface Head {
  roomId: RoomId;
  seq: number;
  ordinal: number;
  rightsEpoch: number;
  historyEpoch: number;
}

/** Asks, on the primary and in one statement, who of these may write to the room now. Owned by rooms. */
export interface RightsSource {
  freshRights(roomId: RoomId, users: readonly UserId[]): Promise<Map<UserId, Rights>>;
}

/** A message that is on disk, with the hash of its text as sent. */
export interface StoredMessage {
  stored: Stored;
  hash: string;
}

/** Told of each committed entry once, in commit order. */
export interface CommitListener {
  /** At once: to other nodes. */
  publish(roomId: RoomId, entries: readonly Entry[]): void;
  /** When its turn comes: to the sockets of this node. */
  accept(roomId: RoomId, entries: readonly Entry[]): void;
}
