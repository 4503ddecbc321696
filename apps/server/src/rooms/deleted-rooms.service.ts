import { LOGGER } from '../config.token.js';
import type { Logger } from '@maru/observability';
import { CursorsRepository } from '@maru/read-cursors';
import { LogRepository } from '@maru/room-log';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PreferencesRepository } from './preferences.repository.js';
import { RoomActivityRepository } from './room-activity.repository.js';
import { RoomsRepository } from './rooms.repository.js';

/** Every node has met the end of a room by then, milliseconds. */
const KEPT_MS = 10 * 60_000;
const SWEEP_MS = 60_000;
const ROOMS = 20;
/** Rows of one statement: a large room must not hold up its neighbours. */
const ROWS = 1_000;

/** Takes away what was said in rooms that were deleted. Every node does; what one has taken the others do not find. */
@Injectable()
export class DeletedRoomsService implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private purging = false;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly rooms: RoomsRepository,
    private readonly log: LogRepository,
    private readonly cursors: CursorsRepository,
    private readonly activity: RoomActivityRepository,
    private readonly preferences: PreferencesRepository,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sweep(), SWEEP_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Takes away everything of rooms that were deleted before then. */
  async purge(before: Date): Promise<void> {
    for (const roomId of await this.rooms.deletedBefore(before, ROOMS)) {
      while (!(await this.log.purge(roomId, ROWS)));
      while (!(await this.cursors.purge(roomId, ROWS)));
      await this.activity.remove(roomId);
      await this.preferences.removeAll(roomId);
      await this.rooms.remove(roomId);
    }
  }

  private async sweep(): Promise<void> {
    if (this.purging) return;
    this.purging = true;
    try {
      await this.purge(new Date(Date.now() - KEPT_MS));
    } catch (error) {
      this.logger.debug({ reason: (error as Error).message }, 'deleted rooms could not be purged; trying again');
    } finally {
      this.purging = false;
    }
  }
}
