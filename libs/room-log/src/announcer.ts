import type { Entry, RoomId } from '@maru/contract';
import type { CommitListener } from './log-types.js';

/** The least of a turn of the event loop that goes to the fan-out, milliseconds. */
const SLICE_MS = 1;
/** A slice lasts this part of the time that the oldest entry has waited: under load neither side starves. */
const SLICE_OF_AGE = 1 / 16;

interface Waiting {
  roomId: RoomId;
  entries: readonly Entry[];
  since: number;
}

/**
 * Hands committed entries on, in commit order: to other nodes at once, to the sockets of this one in slices: between them the loop reads the database's answers and new
 * messages, so that acknowledgements do not wait for the fan-out of others.
 */
export class Announcer {
  private waiting: Waiting[] = [];
  private start = 0;
  private scheduled = false;

  constructor(private readonly committed: CommitListener) {}

  announce(entries: readonly Entry[]): void {
    const since = performance.now();
    for (const [roomId, ofRoom] of Map.groupBy(entries, (entry) => entry.roomId)) {
      this.committed.publish(roomId, ofRoom);
      this.waiting.push({ roomId, entries: ofRoom, since });
    }
    this.schedule();
  }

  /** Resolves once everything has been handed on. */
  async idle(): Promise<void> {
    while (this.scheduled) await new Promise((resolve) => setImmediate(resolve));
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.slice());
  }

  private slice(): void {
    const now = performance.now();
    const oldest = this.waiting[this.start]?.since ?? now;
    const end = now + Math.max(SLICE_MS, (now - oldest) * SLICE_OF_AGE);
    for (; this.start < this.waiting.length && performance.now() < end; this.start++) {
      const { roomId, entries } = this.waiting[this.start] as Waiting;
      this.committed.accept(roomId, entries);
    }
    this.scheduled = false;
    if (this.start < this.waiting.length) return this.schedule();
    this.waiting = [];
    this.start = 0;
  }
}
