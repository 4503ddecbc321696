import type { Entry, RoomId } from '@maru/contract';
import type { CommitListener } from './log-types.js';

/** Told of each committed entry of this node once, in commit order; hands it to everyone who listens, in their order. */
export class CommitFeed implements CommitListener {
  private readonly listeners: Partial<CommitListener>[] = [];

  /** Call before anything is committed. A listener must neither throw nor wait. */
  listen(listener: Partial<CommitListener>): void {
    this.listeners.push(listener);
  }

  publish(roomId: RoomId, entries: readonly Entry[], membersBefore?: number): void {
    for (const listener of this.listeners) listener.publish?.(roomId, entries, membersBefore);
  }

  accept(roomId: RoomId, entries: readonly Entry[]): void {
    for (const listener of this.listeners) listener.accept?.(roomId, entries);
  }
}
