import type { Entry, Message, RoomId, UserId } from '@maru/contract';
import { loopPressure, type Logger } from '@maru/observability';
import { type Reading, ReadCursors } from '@maru/read-cursors';
import { CommitFeed } from '@maru/room-log';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER } from '../config.token.js';
import { OwnDevices } from '../own-devices.js';
import { ReadRanges } from './read-ranges.js';

/**
 * Who sends has read. Nobody waits for it, for the client that sent knows: it is told in few large steps, fewer on a busy
 * node, for each room at a time of its own, or all rooms of a node would be told in one long turn.
 */
const GATHER_MS = 2_000;
const GATHER_BUSY_MS = 10_000;
/** Part of that time by which it differs from room to room, either way. */
const JITTER = 0.5;
const TICK_MS = 50;
/** People and rooms that may wait; what is more is told with a later message, or when somebody reads. */
const WAITING_MAX = 50_000;

interface Waiting {
  dueAt: number;
  readings: Map<UserId, Reading>;
}

/** Moves the cursor of who says something to what he said. */
@Injectable()
export class SendersRead implements OnApplicationShutdown {
  private readonly waiting = new Map<RoomId, Waiting>();
  private count = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    feed: CommitFeed,
    private readonly cursors: ReadCursors,
    private readonly ranges: ReadRanges,
    private readonly devices: OwnDevices,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    feed.listen({ publish: (roomId, entries) => this.note(roomId, entries) });
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    await this.tell([...this.waiting]);
  }

  /** Does not wait for more. Resolves also where it could not be told. */
  async tellNow(roomId: RoomId): Promise<void> {
    const room = this.waiting.get(roomId);
    if (room !== undefined) await this.tell([[roomId, room]]);
  }

  private note(roomId: RoomId, entries: readonly Entry[]): void {
    for (const entry of entries) if (entry.kind === 'message') this.wait(roomId, entry.senderId, entry);
  }

  private wait(roomId: RoomId, userId: UserId, { seq, ordinal }: Message): void {
    const room = this.waiting.get(roomId) ?? this.open(roomId);
    if (!room.readings.has(userId)) {
      if (this.count >= WAITING_MAX) return;
      this.count++;
    }
    room.readings.set(userId, { roomId, userId, seq, ordinal });
    this.schedule();
  }

  private open(roomId: RoomId): Waiting {
    const gatherMs = GATHER_MS + (GATHER_BUSY_MS - GATHER_MS) * loopPressure();
    const dueAt = performance.now() + gatherMs * (1 + (2 * Math.random() - 1) * JITTER);
    const room = { dueAt, readings: new Map<UserId, Reading>() };
    this.waiting.set(roomId, room);
    return room;
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const now = performance.now();
      void this.tell([...this.waiting].filter(([, { dueAt }]) => dueAt <= now));
      if (this.waiting.size > 0) this.schedule();
    }, TICK_MS);
  }

  private async tell(due: readonly (readonly [RoomId, Waiting])[]): Promise<void> {
    for (const [roomId] of due) this.waiting.delete(roomId);
    const readings = due.flatMap(([, room]) => [...room.readings.values()]);
    this.count -= readings.length;
    if (readings.length === 0) return;
    try {
      const advanced = await this.cursors.advance(readings);
      for (const { reading, step } of advanced) if (step !== undefined) this.ranges.add(reading.roomId, step);
      this.devices.tellAll(
        advanced.map(({ reading: { roomId, userId }, cursor }) => ({ userId, mine: { roomId, read: cursor } })),
      );
    } catch (error) {
      this.logger.debug({ reason: (error as Error).message }, 'cursors of senders wait for what they say next');
    }
  }
}
