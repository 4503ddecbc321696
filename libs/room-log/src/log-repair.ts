import type { Entry, RoomId } from '@maru/contract';
import { metrics, type Logger } from '@maru/observability';
import type { Relay } from '@maru/relay';
import type { Head } from './log-types.js';
import type { LogRepository } from './log.repository.js';
import type { RoomDelivery } from './room-delivery.js';

/** How often the heads of served rooms are compared with the log. Finds whatever got lost, also a last entry. */
const REPAIR_MS = 2_000;
/** The same while another node is not heard of, and for rooms that other nodes may not know yet that we serve. */
const FAST_REPAIR_MS = 250;
/** How long an entry may be ahead of its turn before the hole is read from the log. */
const HOLD_MS = 50;
const GAP_PAGE = 500;
const HEADS_PER_READ = 500;

/** Live delivery, as repair knows it. */
interface Delivery {
  readonly rooms: ReadonlyMap<RoomId, RoomDelivery>;
  accept(roomId: RoomId, entries: readonly Entry[]): void;
  startAnew(room: RoomDelivery, head: number, historyEpoch: number): void;
}

/** Brings what live delivery missed: reads holes from the log, and finds by the heads of rooms what nobody told of. */
export class LogRepair {
  /** Rooms to compare at the next look, whether or not it is time for all. */
  private readonly doubtful = new Set<RoomDelivery>();
  private readonly filling = new Set<RoomId>();
  private repairedAt = performance.now();
  private repairing = false;
  private readonly timer = setInterval(() => void this.repair(), FAST_REPAIR_MS);

  constructor(
    private readonly delivery: Delivery,
    private readonly repository: Pick<LogRepository, 'heads' | 'entries' | 'raiseHistoryEpoch'>,
    private readonly relay: Pick<Relay, 'broken'>,
    private readonly logger: Logger,
  ) {}

  close(): void {
    clearInterval(this.timer);
  }

  /** What was committed elsewhere may not have reached this room: its head is compared once more. */
  doubt(room: RoomDelivery): void {
    this.doubtful.add(room);
  }

  forget(room: RoomDelivery): void {
    this.doubtful.delete(room);
  }

  /** Gives what is missing a moment to arrive by itself. */
  fillSoon(room: RoomDelivery): void {
    room.holdTimer ??= setTimeout(() => {
      room.holdTimer = undefined;
      if (room.ahead > 0) void this.fill(room);
    }, HOLD_MS);
  }

  /** Compares the heads of rooms with the log: all of them when it is time, else those that are in doubt. */
  private async repair(): Promise<void> {
    if (this.repairing) return;
    const now = performance.now();
    const all = this.relay.broken || now - this.repairedAt >= REPAIR_MS;
    const rooms = all ? [...this.delivery.rooms.values()] : [...this.doubtful];
    if (all) this.repairedAt = now;
    this.repairing = true;
    try {
      for (let i = 0; i < rooms.length; i += HEADS_PER_READ) {
        const some = rooms.slice(i, i + HEADS_PER_READ).filter(({ next }) => next !== undefined);
        for (const room of some) this.doubtful.delete(room);
        await this.compare(some).catch((error: unknown) => {
          for (const room of some) if (this.isServed(room)) this.doubtful.add(room);
          throw error;
        });
      }
    } catch (error) {
      this.logger.debug({ reason: (error as Error).message }, 'heads could not be compared; trying again');
    } finally {
      this.repairing = false;
    }
  }

  private async compare(rooms: readonly RoomDelivery[]): Promise<void> {
    const seen = new Map(rooms.map((room) => [room.roomId, { room, next: room.next }]));
    const heads = await this.repository.heads([...seen.keys()]);
    for (const head of heads) {
      const { room, next } = seen.get(head.roomId) ?? {};
      if (room?.next === undefined || next === undefined || !this.isServed(room)) continue;
      // it was started anew while the answer was on its way
      if (room.next < next) continue;
      room.start(head.seq, head.historyEpoch);
      // the log now ends below what this node had seen before it asked, or tells another story
      if (head.seq < next - 1 || room.contradicted) await this.replaceHistory(room, head);
      else if (room.isReplaced(head.historyEpoch)) this.delivery.startAnew(room, head.seq, head.historyEpoch);
      else if (head.seq >= room.next && performance.now() - room.advancedAt >= HOLD_MS) await this.fill(room);
    }
  }

  /** Whoever notices first raises the epoch; the others meet it raised. */
  private async replaceHistory(room: RoomDelivery, head: Head): Promise<void> {
    const now = room.isReplaced(head.historyEpoch) ? head : await this.repository.raiseHistoryEpoch(head);
    if (now !== undefined) this.delivery.startAnew(room, now.seq, now.historyEpoch);
  }

  /** Reads what is missing from the log on the primary, until nothing is. One reader per room. */
  private async fill(room: RoomDelivery): Promise<void> {
    if (this.filling.has(room.roomId) || room.next === undefined || !room.used) return;
    this.filling.add(room.roomId);
    try {
      for (;;) {
        const after: number = room.next - 1;
        const missing = await this.repository.entries(room.roomId, after, Number.MAX_SAFE_INTEGER, GAP_PAGE, 'fresh');
        if (!this.isServed(room)) return;
        metrics.gapReads.inc({ outcome: missing.length > 0 ? 'filled' : 'nothing' });
        this.delivery.accept(room.roomId, missing);
        if (missing.length < GAP_PAGE) return;
      }
    } catch (error) {
      metrics.gapReads.inc({ outcome: 'failed' });
      this.logger.debug({ reason: (error as Error).message }, 'a hole could not be read; the repair loop tries again');
    } finally {
      this.filling.delete(room.roomId);
    }
  }

  private isServed(room: RoomDelivery): boolean {
    return this.delivery.rooms.get(room.roomId) === room;
  }
}
