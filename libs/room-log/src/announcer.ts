import type { Entry, RoomId } from '@maru/contract';
import type { CommitListener } from './log-types.js';
import { Slices } from './slices.js';

/** So much was committed and not handed on yet, by room and commit: about two seconds of what a node can store. */
const WAITING_MAX = 20_000;

/** Hands committed entries on, in commit order: to other nodes at once, to the sockets of this one in slices. */
export class Announcer {
  private readonly accepted: Slices<{ roomId: RoomId; entries: readonly Entry[] }>;

  constructor(
    private readonly committed: CommitListener,
    private readonly limit = WAITING_MAX,
  ) {
    this.accepted = new Slices(({ roomId, entries }) => committed.accept(roomId, entries));
  }

  get waiting(): number {
    return this.accepted.size;
  }

  /** Nothing new is to be stored until this node's people have been told more of what is. */
  full(): boolean {
    return this.waiting >= this.limit;
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
