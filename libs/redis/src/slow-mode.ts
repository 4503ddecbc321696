import { ChatError, type MessageId, type RoomId, type UserId } from '@maru/contract';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { keys } from './keys.js';
import { LuaScript } from './lua-script.js';
import type { RedisClient } from './redis-connection.js';

const takeSlot = new LuaScript('take-slot', z.number());
const REMEMBERED = 50_000;

interface Said {
  roomId: RoomId;
  senderId: UserId;
  id: MessageId;
}

/** One message per person, room and time, on all nodes together; while Redis is away, on each node. */
export class SlowMode {
  private readonly local = new LRUCache<string, MessageId>({ max: REMEMBERED });

  constructor(private readonly redis: RedisClient) {}

  /** A resend of the message that was let through is let through. Throws `slow-mode` with the time to wait. */
  async take(said: Said, seconds: number): Promise<void> {
    const waitMs = await this.ask(said, seconds * 1_000).catch(() => this.takeHere(said, seconds * 1_000));
    if (waitMs > 0) throw new ChatError('slow-mode', { retryAfterMs: waitMs });
  }

  /** The message was not stored after all. */
  async giveBack(said: Said): Promise<void> {
    const key = keys.slowMode(said.roomId, said.senderId);
    if (this.local.get(key) === said.id) this.local.delete(key);
    await this.ask(said, 0).catch(() => {});
  }

  private ask({ roomId, senderId, id }: Said, ms: number): Promise<number> {
    return takeSlot.run(this.redis, [keys.slowMode(roomId, senderId)], [id, ms]);
  }

  private takeHere({ roomId, senderId, id }: Said, ms: number): number {
    const key = keys.slowMode(roomId, senderId);
    const held = this.local.get(key);
    if (held === undefined) this.local.set(key, id, { ttl: ms });
    return held === undefined || held === id ? 0 : this.local.getRemainingTTL(key);
  }
}
