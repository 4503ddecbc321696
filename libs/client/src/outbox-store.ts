import type { MessageId, RoomId, UserId } from '@maru/contract';

/** A message that is not acknowledged yet. Ids are ordered by time, so sorting by id is the order of writing. */
export interface KeptMessage {
  id: MessageId;
  roomId: RoomId;
  text: string;
  /** Seq of the message that it answers. */
  replyTo: number | null;
  createdAt: number;
  /** Refused for good; kept to be retried or discarded by hand. */
  failed: boolean;
}

/** Keeps what one person wrote beyond a reload or a crash of the program. What belongs to others is never given out. */
export interface OutboxStore {
  /**
   * What this client holds, and what no living one does: of earlier runs, and of tabs that were closed. Each message
   * goes to one client only. Called after each connect.
   */
  adopt(owner: UserId): Promise<KeptMessage[]>;
  put(owner: UserId, message: KeptMessage): void;
  remove(owner: UserId, ids: readonly MessageId[]): void;
  /** The person signed out. */
  clear(owner: UserId): void;
}

/** Keeps nothing: what is not sent when the program ends is gone. */
export const keepNothing: OutboxStore = {
  adopt: () => Promise.resolve([]),
  put: () => {},
  remove: () => {},
  clear: () => {},
};
