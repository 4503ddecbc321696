import type { Entry, RoomId } from '@maru/contract';
import type { EntriesListener } from './log-types.js';

/**
 * How long a turn of the event loop goes to the fan-out, milliseconds; longer if by then not half of what waits is
 * done, so that under load neither side starves.
 */
const SLICE_MS = 1;

/**
 * Hands committed entries on, in commit order, in slices: between them the loop reads the database's answers and new
 * messages, so that acknowledgements do not wait for the fan-out of others.
 */
export class Announcer {
  private waiting: [RoomId, readonly Entry[]][] = [];
  private start = 0;
  private scheduled = false;

  constructor(private readonly listener: EntriesListener) {}

  announce(entries: readonly Entry[]): void {
    for (const ofRoom of Map.groupBy(entries, (entry) => entry.roomId)) this.waiting.push(ofRoom);
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
    const end = performance.now() + SLICE_MS;
    const half = (this.start + this.waiting.length) / 2;
    while (this.start < this.waiting.length) {
      const [roomId, entries] = this.waiting[this.start++] as [RoomId, readonly Entry[]];
      this.listener(roomId, entries);
      if (this.start >= half && performance.now() > end) break;
    }
    this.scheduled = false;
    if (this.start < this.waiting.length) return this.schedule();
    this.waiting = [];
    this.start = 0;
  }
}
