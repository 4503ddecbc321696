import type { Entry, Message, RoomId, UserId } from '@maru/contract';
import type { Logger } from '@maru/observability';
import { type Reading, ReadCursors } from '@maru/read-cursors';
import { CommitFeed } from '@maru/room-log';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER } from '../config.token.js';
import { OwnDevices } from '../own-devices.js';
import { ReadRanges } from './read-ranges.js';

/** Who sends has read. Nobody waits for it, for the client that sent knows: it is told in few large steps. */
const GATHER_MS = 2_000;
/** People and rooms that may wait; what is more is told with a later message, or when somebody reads. */
const WAITING_MAX = 50_000;

/** Moves the cursor of who says something to what he said. */
@Injectable()
export class SendersRead implements OnApplicationShutdown {
  private waiting = new Map<string, Reading>();
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
    await this.flush();
  }

  private note(roomId: RoomId, entries: readonly Entry[]): void {
    for (const entry of entries) if (entry.kind === 'message') this.wait(roomId, entry.senderId, entry);
  }

  private wait(roomId: RoomId, userId: UserId, { seq, ordinal }: Message): void {
    const key = roomId + userId;
    if (this.waiting.size >= WAITING_MAX && !this.waiting.has(key)) return;
    this.waiting.set(key, { roomId, userId, seq, ordinal });
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.flush();
    }, GATHER_MS);
  }

  private async flush(): Promise<void> {
    const readings = [...this.waiting.values()];
    this.waiting = new Map();
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
