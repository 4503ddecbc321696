import {
  ChatError,
  type Edition,
  type Entry,
  type HistoryPage,
  type HistoryRead,
  type Message,
  PAGE_DEFAULT,
  type Person,
  type Reaction,
  RESUME_MAX,
  type RoomId,
  type RoomOpened,
  type RoomOpen,
  type UserId,
} from '@maru/contract';
import type { Config } from '@maru/config';
import { metrics } from '@maru/observability';
import { Answer, type Viewer } from '@maru/realtime';
import { TokenBuckets } from '@maru/redis';
import { concealed, HistoryCache, LogDelivery, LogRepository, MessageDetailsRepository } from '@maru/room-log';
import { Inject, Injectable } from '@nestjs/common';
import { AuthService } from '../auth/index.js';
import { CONFIG } from '../config.token.js';
import { RoomRights } from '../rooms/index.js';

/** Who is told to ask again later does so spread over this time, milliseconds. */
const OPEN_SPREAD_MS = 1_000;
const NO_END = Number.MAX_SAFE_INTEGER;
/** The contract's schema knows no higher one. */
const LAST_SEQ = 999_999_999_999_999;

/** Who reads, and what of the room is his to see. */
interface Reader {
  userId: UserId;
  roomId: RoomId;
  hiddenUpTo: number;
}

interface Besides {
  quoted: Message[];
  people: Person[];
  hiddenUpTo: number;
}

@Injectable()
export class HistoryService {
  private readonly opens = new TokenBuckets();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly rooms: RoomRights,
    private readonly auth: AuthService,
    private readonly log: LogRepository,
    private readonly pages: HistoryCache,
    private readonly details: MessageDetailsRepository,
    private readonly delivery: LogDelivery,
  ) {}

  /**
   * A page of history in its present state, as new as the primary's head, or as the reader asks for: changes are folded
   * in, so that an older page, too, must not be older than what its reader has seen.
   */
  async read(userId: UserId, { roomId, before = NO_END, after, limit, minSeq }: HistoryRead): Promise<HistoryPage> {
    const { head, rights } = await this.rooms.requireMembership(roomId, userId);
    const reader = { userId, roomId, hiddenUpTo: rights.hiddenUpTo };
    const asNewAs = Math.min(minSeq ?? head.seq, head.seq);
    const found = await this.pages.page(roomId, {
      after: Math.max(after ?? 0, rights.hiddenUpTo),
      before,
      limit,
      newestFirst: after === undefined,
      asNewAs,
      head: head.seq,
      historyEpoch: head.historyEpoch,
    });
    const full = found.length === limit;
    const [first, last] = [found[0]?.seq ?? 1, found.at(-1)?.seq ?? 0];
    // an answer as old as was asked for covers no more than that
    const covered = Math.max(last, asNewAs);
    const end = Math.min(Math.max(before - 1, 0), covered);
    const { entries, ...besides } = await this.complete(found, reader, asNewAs);
    return {
      roomId,
      from: after !== undefined ? Math.min(after + 1, LAST_SEQ) : full ? first : 1,
      to: after === undefined ? end : full ? last : Math.max(after, covered),
      head: Math.max(last, head.seq),
      historyEpoch: head.historyEpoch,
      entries,
      ...besides,
    };
  }

  /**
   * Opens a room for a socket without losing or doubling an entry: hold what comes from now on, read membership and
   * head in one statement, page up to that head, answer, release what was held above it.
   */
  async open(viewer: Viewer, { roomId, after, historyEpoch }: RoomOpen): Promise<Answer<RoomOpened>> {
    this.admit();
    const seat = this.delivery.hold(viewer, roomId);
    const { userId } = viewer.identity;
    try {
      const { head, rights } = await this.rooms.requireMembership(roomId, userId);
      const { hiddenUpTo } = rights;
      const upTo = this.delivery.locate(seat, head, rights);
      const truncated =
        after === null ||
        after > upTo ||
        upTo - after > RESUME_MAX ||
        (historyEpoch !== undefined && historyEpoch !== head.historyEpoch);
      const recent = truncated ? undefined : this.delivery.recent(roomId, after, upTo);
      const asOf = { asNewAs: upTo, head: upTo, historyEpoch: head.historyEpoch };
      const newest = { after: hiddenUpTo, before: upTo + 1, limit: PAGE_DEFAULT, newestFirst: true, ...asOf };
      const found: Entry[] = truncated
        ? await this.pages.page(roomId, newest)
        : concealed(recent ?? (await this.log.resume(roomId, after, upTo, RESUME_MAX)), hiddenUpTo);
      metrics.resumes.inc({ from: truncated ? 'newest page' : recent ? 'memory' : 'database' });
      const from = truncated ? (found.length === PAGE_DEFAULT ? (found[0]?.seq ?? 1) : 1) : after + 1;
      const completed = await this.complete(found, { userId, roomId, hiddenUpTo }, upTo);
      this.delivery.assertSeated(seat);
      const opened = { roomId, head: upTo, historyEpoch: head.historyEpoch, truncated, from, ...completed };
      return new Answer(opened, () => this.delivery.release(seat));
    } catch (error) {
      this.delivery.unseat(seat);
      throw error;
    }
  }

  /** Pinned messages, newest pin first. */
  async pins(userId: UserId, roomId: RoomId): Promise<{ items: Message[]; people: Person[] }> {
    const { head, rights } = await this.rooms.requireMembership(roomId, userId);
    const seqs = (await this.details.pins(roomId)).filter((seq) => seq > rights.hiddenUpTo);
    const messages = await this.log.messagesAt(roomId, seqs, head.seq);
    const mine = await this.withMine(messages, { userId, roomId, hiddenUpTo: rights.hiddenUpTo });
    const items = seqs.flatMap((seq) => mine.find((message) => message.seq === seq) ?? []);
    return { items, people: await this.people(items) };
  }

  /** Earlier texts of a message, oldest first; none of what this reader may not see. */
  async editions(userId: UserId, roomId: RoomId, seq: number): Promise<Edition[]> {
    const { rights } = await this.rooms.requireMembership(roomId, userId);
    return seq > rights.hiddenUpTo ? this.details.editions(roomId, seq) : [];
  }

  async reactors(userId: UserId, roomId: RoomId, seq: number, emoji: string): Promise<Person[]> {
    const { rights } = await this.rooms.requireMembership(roomId, userId);
    if (seq <= rights.hiddenUpTo) return [];
    const ids = await this.details.reactors(roomId, seq, emoji);
    const people = new Map((await this.auth.people(ids)).map((person) => [person.id, person]));
    return ids.flatMap((id) => people.get(id) ?? []);
  }

  /** When everybody comes back at once, a node takes so many a second and tells the others when to ask again. */
  private admit(): void {
    const perSecond = this.config.LIMIT_ROOM_OPENS_PER_SECOND;
    const waitMs = this.opens.take('node', { perSecond, burst: perSecond });
    if (waitMs > 0) throw new ChatError('overloaded', { retryAfterMs: waitMs + Math.random() * OPEN_SPREAD_MS });
  }

  /** Adds what belongs to the reader, what is quoted, and who is named. */
  private async complete<E extends Entry>(
    found: readonly E[],
    reader: Reader,
    asNewAs: number,
  ): Promise<Besides & { entries: E[] }> {
    const { roomId, hiddenUpTo } = reader;
    const there = new Set(found.map(({ seq }) => seq));
    const wanted = found.flatMap((entry) => (entry.kind === 'message' ? (entry.replyTo ?? []) : []));
    const missing = [...new Set(wanted)].filter((seq) => !there.has(seq) && seq > hiddenUpTo);
    const quoted = await this.log.messagesAt(roomId, missing, asNewAs);
    const all = await this.withMine<E | Message>([...found, ...quoted], reader);
    return {
      entries: all.slice(0, found.length) as E[],
      quoted: all.slice(found.length) as Message[],
      people: await this.people(all),
      hiddenUpTo,
    };
  }

  /** Says which reactions are the reader's own; asks only where there are any. */
  private async withMine<E extends Entry>(entries: readonly E[], { userId, roomId }: Reader): Promise<E[]> {
    const reacted = entries.filter((entry) => entry.kind === 'message' && entry.reactions !== undefined);
    const mine = await this.details.reactionsBy(
      roomId,
      userId,
      reacted.map(({ seq }) => seq),
    );
    if (mine.length === 0) return [...entries];
    const isMine = new Set(mine.map(({ seq, emoji }) => `${seq} ${emoji}`));
    return entries.map((entry) => {
      if (entry.kind !== 'message' || entry.reactions === undefined) return entry;
      const reactions = entry.reactions.map((reaction): Reaction =>
        isMine.has(`${entry.seq} ${reaction.emoji}`) ? { ...reaction, mine: true } : reaction,
      );
      return { ...entry, reactions };
    });
  }

  private people(entries: readonly Entry[]): Promise<Person[]> {
    return this.auth.people(entries.flatMap(namedIn));
  }
}

function namedIn(entry: Entry): UserId[] {
  switch (entry.kind) {
    case 'message':
      return [entry.senderId, ...(entry.mentions ?? [])];
    case 'system':
      return [entry.userId, ...(entry.by === undefined ? [] : [entry.by.userId])];
    case 'change':
      return entry.change.type === 'edited' ? (entry.change.mentions ?? []) : [];
    case 'hidden':
      return [];
  }
}
