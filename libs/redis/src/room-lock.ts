import type { RoomId } from '@maru/contract';
import { metrics } from '@maru/observability';
import type { Redis } from 'ioredis';
import Redlock from 'redlock';
import { keys } from './keys.js';

/** Longer than any change of a room may take, milliseconds. */
const LOCK_MS = 5_000;

/**
 * Lowers contention between changes of one room. It guards nothing: the database decides, and a change goes on
 * without the lock when Redis is away or another holder takes long.
 */
export class RoomLock {
  private readonly redlock: Redlock;

  constructor(redis: Redis) {
    this.redlock = new Redlock([redis as never], { retryCount: 10, retryDelay: 40, retryJitter: 20 });
    this.redlock.on('error', () => {});
  }

  async hold<T>(room: RoomId, change: () => Promise<T>): Promise<T> {
    const lock = await this.redlock.acquire([keys.roomLock(room)], LOCK_MS).catch(() => undefined);
    if (lock === undefined) metrics.lockSkipped.inc();
    try {
      return await change();
    } finally {
      await lock?.release().catch(() => {});
    }
  }
}
