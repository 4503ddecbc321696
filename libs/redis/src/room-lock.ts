import { ChatError, type RoomId } from '@maru/contract';
import { metrics } from '@maru/observability';
import Redlock, { type Lock } from 'redlock';
import { keys } from './keys.js';
import type { RedisClient } from './redis-connection.js';

/** Longer than any change of a room may take, milliseconds. */
const LOCK_MS = 5_000;
/** After the lock could not be had, changes go on without it for this long, milliseconds. */
const REST_MS = 1_000;
/** Changes that may wait for one room on this node. */
const WAITING_MAX = 1_000;

/** Lets changes of one room happen one after the other, so that they do not fight over its rows in the database. */
export interface RoomTurns {
  hold<T>(room: RoomId, change: () => Promise<T>): Promise<T>;
}

/**
 * Lowers contention between changes of one room: on this node they wait for each other in order, and between nodes for
 * a lock in Redis. It guards nothing: the database decides, and a change goes on without the lock when Redis is away or
 * another holder takes long.
 */
export class RoomLock implements RoomTurns {
  private readonly redlock: Redlock;
  private readonly waiting = new Map<RoomId, { count: number; last: Promise<unknown> }>();

  private restUntil = 0;

  constructor(private readonly redis: RedisClient) {
    this.redlock = new Redlock([redis], { retryCount: 10, retryDelay: 40, retryJitter: 20 });
    this.redlock.on('error', () => {});
  }

  /** Throws `overloaded` rather than letting the queue of a room grow. */
  async hold<T>(room: RoomId, change: () => Promise<T>): Promise<T> {
    const queue = this.waiting.get(room) ?? { count: 0, last: Promise.resolve() };
    if (queue.count >= WAITING_MAX) throw new ChatError('overloaded', { retryAfterMs: 1_000 });
    const turn = queue.last.then(() => this.locked(room, change));
    this.waiting.set(room, queue);
    queue.count++;
    queue.last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      if (--queue.count === 0) this.waiting.delete(room);
    }
  }

  private async locked<T>(room: RoomId, change: () => Promise<T>): Promise<T> {
    const lock = await this.acquire(room);
    if (lock === undefined) metrics.lockSkipped.inc();
    try {
      return await change();
    } finally {
      await lock?.release().catch(() => {});
    }
  }

  private async acquire(room: RoomId): Promise<Lock | undefined> {
    if (this.redis.status !== 'ready' || performance.now() < this.restUntil) return undefined;
    return this.redlock.acquire([keys.roomLock(room)], LOCK_MS).catch(() => {
      this.restUntil = performance.now() + REST_MS;
      return undefined;
    });
  }
}

/** Everybody at once: what is left is the database. */
export const noTurns: RoomTurns = { hold: (_room, change) => change() };
