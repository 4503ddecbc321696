import { ChatError, type RoomId } from '@maru/contract';
import { metrics, type Logger } from '@maru/observability';
import type { CursorCache } from './cursor-cache.js';
import type { Reading } from './cursor-types.js';
import type { CursorsRepository } from './cursors.repository.js';

/** People and rooms whose cursors may wait; more are refused. */
const OWED_MAX = 50_000;
const FLUSH_MS = 1_000;

/** Cursors that moved while Redis was away: the database gets them soon, and Redis when it is back. */
export class OwedCursors {
  private readonly toDatabase = new Map<string, Reading>();
  private readonly toRedis = new Map<string, Reading>();
  private readonly timer: NodeJS.Timeout;
  private flushing: Promise<void> | undefined;

  constructor(
    private readonly cache: Pick<CursorCache, 'advance'>,
    private readonly repository: Pick<CursorsRepository, 'write'>,
    private readonly logger: Logger,
  ) {
    this.timer = setInterval(() => void this.flush(), FLUSH_MS);
  }

  /** Throws `overloaded` where too many wait. */
  add(readings: readonly Reading[]): void {
    for (const reading of readings) {
      const key = reading.roomId + reading.userId;
      if (!this.toRedis.has(key) && this.toRedis.size >= OWED_MAX) {
        throw new ChatError('overloaded', { retryAfterMs: FLUSH_MS });
      }
      for (const owed of [this.toDatabase, this.toRedis]) {
        if ((owed.get(key)?.seq ?? 0) < reading.seq) owed.set(key, reading);
      }
    }
    metrics.cursorsOwed.set(this.toRedis.size);
  }

  /** What the database may not have yet of this room. */
  of(roomId: RoomId): Reading[] {
    return [...this.toDatabase.values()].filter((reading) => reading.roomId === roomId);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  private flush(): Promise<void> {
    if (this.toRedis.size === 0) return Promise.resolve();
    this.flushing ??= this.pay()
      .catch((error: unknown) => this.logger.debug({ reason: (error as Error).message }, 'cursors are owed'))
      .finally(() => {
        this.flushing = undefined;
        metrics.cursorsOwed.set(this.toRedis.size);
      });
    return this.flushing;
  }

  private async pay(): Promise<void> {
    const unwritten = [...this.toDatabase];
    await this.repository.write(unwritten.map(([, reading]) => reading));
    metrics.cursorsWritten.inc(unwritten.length);
    settle(this.toDatabase, unwritten);
    const untold = [...this.toRedis];
    await this.cache.advance(untold.map(([, reading]) => reading));
    settle(this.toRedis, untold);
  }
}

/** What moved on meanwhile stays owed. */
function settle(owed: Map<string, Reading>, paid: readonly [string, Reading][]): void {
  for (const [key, reading] of paid) if (owed.get(key) === reading) owed.delete(key);
}
