import {
  ChatError,
  type Entry,
  type HistoryPage,
  type HistoryRead,
  PAGE_DEFAULT,
  type Person,
  RESUME_MAX,
  type RoomOpened,
  type RoomOpen,
  type UserId,
} from '@maru/contract';
import type { Config } from '@maru/config';
import { metrics } from '@maru/observability';
import { Answer, type Viewer } from '@maru/realtime';
import { TokenBuckets } from '@maru/redis';
import { LogDelivery, LogRepository } from '@maru/room-log';
import { Inject, Injectable } from '@nestjs/common';
import { AuthService } from '../auth/index.js';
import { CONFIG } from '../config.token.js';
import { RoomRights } from '../rooms/index.js';

/** Who is told to ask again later does so spread over this time, milliseconds. */
const OPEN_SPREAD_MS = 1_000;

@Injectable()
export class HistoryService {
  private readonly opens = new TokenBuckets();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly rooms: RoomRights,
    private readonly auth: AuthService,
    private readonly log: LogRepository,
    private readonly delivery: LogDelivery,
  ) {}

  /** A page of history in its present state: it reaches the head that the primary has now, or the range asked for. */
  async read(reader: UserId, { roomId, before, after, limit }: HistoryRead): Promise<HistoryPage> {
    const { head } = await this.rooms.requireMembership(roomId, reader);
    const reach = before === undefined ? head.seq : Math.min(Math.max(before - 1, 0), head.seq);
    const entries =
      after === undefined
        ? await this.log.below(roomId, before ?? Number.MAX_SAFE_INTEGER, limit, reach)
        : await this.log.above(roomId, after, limit, reach);
    const full = entries.length === limit;
    const [first, last] = [entries[0]?.seq ?? 1, entries.at(-1)?.seq ?? 0];
    const newest = Math.max(last, head.seq);
    const end = before === undefined ? newest : Math.min(Math.max(before - 1, 0), newest);
    return {
      roomId,
      from: after !== undefined ? after + 1 : full ? first : 1,
      to: after === undefined ? end : full ? last : Math.max(after, newest),
      head: newest,
      historyEpoch: head.historyEpoch,
      entries,
      people: await this.people(entries),
    };
  }

  /**
   * Opens a room for a socket without losing or doubling an entry: hold what comes from now on, read membership and
   * head in one statement, page up to that head, answer, release what was held above it.
   */
  async open(viewer: Viewer, { roomId, after, historyEpoch }: RoomOpen): Promise<Answer<RoomOpened>> {
    this.admit();
    const seat = this.delivery.hold(viewer, roomId);
    try {
      const { head, rights } = await this.rooms.requireMembership(roomId, viewer.identity.userId);
      const upTo = this.delivery.locate(seat, head, rights.joinedSeq);
      const truncated =
        after === null ||
        after > upTo ||
        upTo - after > RESUME_MAX ||
        (historyEpoch !== undefined && historyEpoch !== head.historyEpoch);
      const recent = truncated ? undefined : this.delivery.recent(roomId, after, upTo);
      const entries = truncated
        ? await this.log.below(roomId, upTo + 1, PAGE_DEFAULT, upTo)
        : (recent ?? (await this.log.resume(roomId, after, upTo, RESUME_MAX)));
      metrics.resumes.inc({ from: truncated ? 'newest page' : recent ? 'memory' : 'database' });
      const from = truncated ? (entries.length === PAGE_DEFAULT ? (entries[0]?.seq ?? 1) : 1) : after + 1;
      const people = await this.people(entries);
      this.delivery.assertSeated(seat);
      const opened = { roomId, head: upTo, historyEpoch: head.historyEpoch, truncated, from, entries, people };
      return new Answer(opened, () => this.delivery.release(seat));
    } catch (error) {
      this.delivery.unseat(seat);
      throw error;
    }
  }

  /** When everybody comes back at once, a node takes so many a second and tells the others when to ask again. */
  private admit(): void {
    const perSecond = this.config.LIMIT_ROOM_OPENS_PER_SECOND;
    const waitMs = this.opens.take('node', { perSecond, burst: perSecond });
    if (waitMs > 0) throw new ChatError('overloaded', { retryAfterMs: waitMs + Math.random() * OPEN_SPREAD_MS });
  }

  private people(entries: readonly Entry[]): Promise<Person[]> {
    return this.auth.people(
      entries.flatMap((entry) =>
        entry.kind === 'message' ? [entry.senderId] : entry.kind === 'system' ? [entry.userId] : [],
      ),
    );
  }
}
