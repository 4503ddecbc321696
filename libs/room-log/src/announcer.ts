import type { Entry, RoomId } from '@maru/contract';
import type { CommitListener } from './log-types.js';
import { Slices } from './slices.js';

/** Hands committed entries on, in commit order: to other nodes at once, to the sockets of this one in slices. */
export class Announcer {
  private readonly accepted: Slices<{ roomId: RoomId; entries: readonly Entry[] }>;

  constructor(private readonly committed: CommitListener) {
    this.accepted = new Slices(({ roomId, entries }) => committed.accept(roomId, entries));
  }

  announce(entries: readonly Entry[]): void {
    for (const [roomId, ofRoom] of Map.groupBy(entries, (entry) => entry.roomId)) {
      this.committed.publish(roomId, ofRoom);
      this.accepted.add({ roomId, entries: ofRoom });
    }
  }

  /** Resolves once everything has been handed on. */
  idle(): Promise<void> {
    return this.accepted.idle();
  }
}
