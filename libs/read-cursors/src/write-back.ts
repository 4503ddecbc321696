import type { RoomId } from '@maru/contract';
import { metrics, type Logger } from '@maru/observability';
import type { CursorCache } from './cursor-cache.js';
import type { CursorsRepository } from './cursors.repository.js';

const LOOK_MS = 500;
/** Rooms that are written together. */
const ROOMS = 100;

type Source = Pick<CursorCache, 'claim' | 'unwritten' | 'settle'>;

/**
 * Brings cursors from Redis to the database, those of many rooms in one statement. Whatever step it dies after, nothing
 * is lost: a cursor stays marked until the database has it, and writing it twice changes nothing.
 */
export class WriteBack {
  private readonly timer: NodeJS.Timeout;
  private running: Promise<void> | undefined;

  constructor(
    private readonly cache: Source,
    private readonly repository: Pick<CursorsRepository, 'write'>,
    private readonly logger: Logger,
  ) {
    this.timer = setInterval(() => void this.look(), LOOK_MS);
  }

  /** Ends once what is being written is written. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private look(): Promise<void> {
    this.running ??= this.writeDue()
      .catch((error: unknown) => this.logger.debug({ reason: (error as Error).message }, 'cursors wait to be written'))
      .finally(() => (this.running = undefined));
    return this.running;
  }

  /** Writes what is due. Rejects while Redis or the database is away: it is due again a while later. */
  async writeDue(): Promise<void> {
    const rooms = await this.cache.claim();
    for (let i = 0; i < rooms.length; i += ROOMS) await this.writeRooms(rooms.slice(i, i + ROOMS));
  }

  private async writeRooms(rooms: readonly RoomId[]): Promise<void> {
    const readings = (await Promise.all(rooms.map((room) => this.cache.unwritten(room)))).flat();
    await this.repository.write(readings);
    metrics.cursorsWritten.inc(readings.length);
    const byRoom = Map.groupBy(readings, ({ roomId }): RoomId => roomId);
    await Promise.all(rooms.map((room) => this.cache.settle(room, byRoom.get(room) ?? [])));
  }
}
