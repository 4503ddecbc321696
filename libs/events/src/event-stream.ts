import type { RoomId } from '@maru/contract';

/** What is appended: entries of one key keep their order where the driver has an order. */
export interface NewEntry {
  key: RoomId;
  text: string;
}

export interface StreamEntry {
  /** Where it lies in the stream; for logs, and to find it again. */
  id: string;
  text: string;
  /** When it was put there, milliseconds since 1970. */
  addedAt: number;
}

export interface Backlog {
  /** Entries that the consumers have not been given yet. */
  unread: number;
  /** Of these, how many were trimmed and will never be given: a sweep repairs what they would have told. */
  lost: number;
}

/** A batch that is not done so long after close() is handed out to another consumer. */
export const BATCH_END_MS = 3_000;

/**
 * A stream of entries and one group of consumers that share it. Each entry is handed out at least once, in any order;
 * an entry of a consumer that died is handed to another one.
 */
export interface EventStream {
  /** Resolves once the stream has them. One call at a time. Rejects while it is away; they may be there all the same. */
  append(entries: readonly NewEntry[]): Promise<void>;
  /**
   * Hands batches to `take`, one at a time, from now on until close(). What it resolves is done; if it rejects, the
   * batch is handed out again. Outlives every absence of the stream.
   */
  consume(take: (entries: readonly StreamEntry[]) => Promise<void>): void;
  /** Keeps an entry that nobody can handle, for inspection. */
  setAside(entry: StreamEntry, reason: string): Promise<void>;
  backlog(): Promise<Backlog>;
  /** Ends consuming once the batch that is being handled is done, or after a while without it. Appending goes on. */
  stop(): Promise<void>;
  /** Stops, and ends the connections. A second call is the first one. */
  close(): Promise<void>;
}
