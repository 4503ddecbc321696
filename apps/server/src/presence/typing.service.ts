import type { RoomId, UserId } from '@maru/contract';
import { metrics } from '@maru/observability';
import { BroadcastFrame, type Viewer } from '@maru/realtime';
import { TokenBuckets } from '@maru/redis';
import { Relay } from '@maru/relay';
import { LogDelivery } from '@maru/room-log';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { RoomRights } from '../rooms/index.js';

const EXPIRES_MS = 5_000;
const GATHER_MS = 300;
/** A turn that comes this much later than it should: the node has better things to do than to tell who is typing. */
const BUSY_MS = 150;
const NAMED = 3;
/** People of one room who are remembered as typing; with more it is "several people" anyway. */
const REMEMBERED = 20;
/** What one socket may say; the rest is taken and not told. */
const RATE = { perSecond: 2, burst: 6 };

/** Who is typing where. Lives in memory only; every node keeps what it is told for rooms that its sockets view. */
@Injectable()
export class TypingService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly rooms = new Map<RoomId, Map<UserId, number>>();
  private readonly roomsOf = new WeakMap<Viewer, Set<RoomId>>();
  private readonly changed = new Set<RoomId>();
  private readonly buckets = new TokenBuckets();
  private timer: NodeJS.Timeout | undefined;
  private turnAt = 0;

  constructor(
    private readonly relay: Relay,
    private readonly delivery: LogDelivery,
    private readonly rights: RoomRights,
  ) {
    relay.listen({
      signal: (signal) => {
        if (signal.kind === 'typing') this.note(signal.roomId, signal.userId, signal.typing);
      },
    });
  }

  onApplicationBootstrap(): void {
    this.turnAt = performance.now();
    this.timer = setInterval(() => this.tell(), GATHER_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Throws `not-member`, `muted` and `archived`. */
  async set(viewer: Viewer, roomId: RoomId, typing: boolean): Promise<void> {
    const { userId } = viewer.identity;
    await this.rights.requireWriter(roomId, userId);
    // who does not view the room has nothing to type into
    if (!this.delivery.isSeated(viewer, roomId) || this.buckets.take(viewer.id, RATE) > 0) return;
    const mine = this.roomsOf.get(viewer) ?? new Set();
    this.roomsOf.set(viewer, mine.add(roomId));
    this.note(roomId, userId, typing);
    this.relay.signal({ kind: 'typing', roomId, userId, typing });
  }

  /** The socket is gone. */
  left(viewer: Viewer): void {
    const { userId } = viewer.identity;
    for (const roomId of this.roomsOf.get(viewer) ?? []) {
      if (!this.rooms.get(roomId)?.has(userId)) continue;
      this.note(roomId, userId, false);
      this.relay.signal({ kind: 'typing', roomId, userId, typing: false });
    }
  }

  private note(roomId: RoomId, userId: UserId, typing: boolean): void {
    const people = this.rooms.get(roomId) ?? new Map<UserId, number>();
    const was = people.has(userId);
    if (typing && (was || people.size < REMEMBERED)) people.set(userId, performance.now() + EXPIRES_MS);
    if (!typing) people.delete(userId);
    if (people.size > 0) this.rooms.set(roomId, people);
    else this.rooms.delete(roomId);
    // said again while it lasts: who came later or missed it learns of it
    if (typing || was) this.changed.add(roomId);
  }

  private tell(): void {
    const now = performance.now();
    const late = now - this.turnAt - GATHER_MS;
    this.turnAt = now;
    for (const [roomId, people] of this.rooms) {
      for (const [userId, until] of people) if (until <= now) this.note(roomId, userId, false);
    }
    if (late > BUSY_MS) {
      metrics.framesDropped.inc(this.changed.size);
      this.changed.clear();
      return;
    }
    for (const roomId of this.changed) {
      const userIds = [...(this.rooms.get(roomId)?.keys() ?? [])];
      const frame = new BroadcastFrame('room:typing', {
        roomId,
        userIds: userIds.slice(0, NAMED),
        more: userIds.length > NAMED,
      });
      for (const viewer of this.delivery.viewers(roomId)) viewer.sendIfIdle(frame);
    }
    this.changed.clear();
  }
}
