import type { ChatError, Entry, MessageId, Role, RoomId, Stored, UserId } from '@maru/contract';
import type { Transaction } from '@maru/database';

/** What allows a person to write to a room, as it was when it was read on the primary. */
export interface Rights {
  /** Raised by everything that takes a right away in this room. The writer counts rows in only under this epoch. */
  epoch: number;
  joinedSeq: number;
  role: Role;
  /** What lies at or below this seq is not for this person; 0: everything is. */
  hiddenUpTo: number;
  /** Seconds between two messages of this person; 0: as fast as the limits let. */
  slowModeSeconds: number;
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
    readonly replyTo?: number,
    /** Follows from the text; a resend may find others. */
    readonly mentions: readonly UserId[] = [],
  ) {
    this.key = messageKey(this);
  }

  mentioning(mentions: readonly UserId[]): NewMessage {
    return new NewMessage(this.roomId, this.senderId, this.id, this.text, this.replyTo, mentions);
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
  /** Newest entry that changed who is a member. */
  membersSeq: number;
}

/** Who may write to the room, and why others may not; who is no member is left out. Owned by rooms. */
export interface RightsSource {
  /** Now, on the primary, in one statement. */
  freshRights(roomId: RoomId, users: readonly UserId[]): Promise<Map<UserId, Rights | ChatError>>;
  /** Inside a transaction that holds the room's row lock: nobody can take these rights away before it ends. */
  rightsUnder(
    transaction: Transaction,
    roomId: RoomId,
    users: readonly UserId[],
  ): Promise<Map<UserId, Rights | ChatError>>;
}

/** A message that is on disk, with the hash of its content as sent. */
export interface StoredMessage {
  stored: Stored;
  hash: string;
}

/** Told of each committed entry once, in commit order. */
export interface CommitListener {
  /** At once: to other nodes. `membersBefore`: the members' seq before them, where the entries are of the room itself. */
  publish(roomId: RoomId, entries: readonly Entry[], membersBefore?: number): void;
  /** When its turn comes: to the sockets of this node. */
  accept(roomId: RoomId, entries: readonly Entry[]): void;
}
