import { loopPressure } from '@maru/observability';

/** Above this rate, entries per second, a room is busy. */
const BUSY_RATE = 40;
const RATE_WINDOW_MS = 250;
/** The longest that an entry waits for others, milliseconds. */
const LONGEST_MS = 50;

/**
 * How long the entries of a room wait for others, to leave in one frame. In a busy room that saves frames at once; on a
 * busy node it saves a few of every room, as long as it takes to be less busy. Anywhere else an entry leaves at once.
 */
export class GatherWindow {
  private startedAt = 0;
  private count = 0;
  private rate = 0;

  /** `pressure` tells how busy the node is, 0 to 1. */
  constructor(private readonly pressure: () => number = loopPressure) {}

  /** Both are told in milliseconds: the moment, as of performance.now(), and what is returned. */
  after(entries: number, now = performance.now()): number {
    const elapsed = now - this.startedAt;
    if (elapsed >= RATE_WINDOW_MS) {
      this.rate = (this.count * 1_000) / elapsed;
      this.startedAt = now;
      this.count = 0;
    }
    this.count += entries;
    const ofRoom = this.rate > BUSY_RATE ? 2_000 / this.rate : 0;
    // squared: what is saved is needed near saturation, and waited for by all
    const ofNode = LONGEST_MS * this.pressure() ** 2;
    return Math.min(LONGEST_MS, Math.max(ofRoom, ofNode));
  }
}
