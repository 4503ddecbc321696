import type { Config } from '@maru/config';
import type { RoomId } from '@maru/contract';
import { EventListener, type EventMap } from '@maru/events';
import { metrics, type Logger } from '@maru/observability';
import { LogRepository } from '@maru/room-log';
import { Inject, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { CONFIG, LOGGER } from '../config.token.js';
import { RoomActivityRepository } from './room-activity.repository.js';

/** Every room is looked at in turn, so many at a time: what an event lost is found in this time. */
const SWEEP_MS = 1_000;
const SWEEP_ROOMS = 2_000;
const ROOMS_PER_WRITE = 500;

/**
 * Keeps each room's newest activity. An event only says which room to look at; what is written is read from the log,
 * so that events may come twice, late or not at all.
 */
@EventListener()
export class RoomListProjection implements OnApplicationBootstrap, OnApplicationShutdown {
  private sweeper: NodeJS.Timeout | undefined;
  private sweptTo: RoomId | undefined;
  private sweeping = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly log: LogRepository,
    private readonly activity: RoomActivityRepository,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.ROLE !== 'serve') this.sweeper = setInterval(() => void this.sweep(), SWEEP_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.sweeper);
  }

  @EventPattern('message.created')
  said(@Payload() messages: readonly EventMap['message.created'][]): Promise<void> {
    return this.refresh(roomsOf(messages));
  }

  @EventPattern('message.changed')
  changed(@Payload() changes: readonly EventMap['message.changed'][]): Promise<void> {
    return this.refresh(roomsOf(changes));
  }

  @EventPattern('room.changed')
  roomChanged(@Payload() changes: readonly EventMap['room.changed'][]): Promise<void> {
    return this.refresh(roomsOf(changes));
  }

  private async refresh(rooms: readonly RoomId[]): Promise<void> {
    for (let i = 0; i < rooms.length; i += ROOMS_PER_WRITE) {
      await this.activity.write(await this.log.ends(rooms.slice(i, i + ROOMS_PER_WRITE)));
    }
  }

  private async sweep(): Promise<void> {
    if (this.sweeping) return;
    this.sweeping = true;
    try {
      const { rooms, last } = await this.activity.behind(this.sweptTo, SWEEP_ROOMS);
      await this.refresh(rooms);
      metrics.roomListRepaired.inc(rooms.length);
      this.sweptTo = last;
    } catch (error) {
      this.logger.debug({ reason: (error as Error).message }, 'the room list could not be swept; trying again');
    } finally {
      this.sweeping = false;
    }
  }
}

const roomsOf = (facts: readonly { roomId: RoomId }[]): RoomId[] => [...new Set(facts.map(({ roomId }) => roomId))];
