import type { ChangeEntry, CommandPayload, Entry, HistoryPage, RoomId, UserId } from '@maru/contract';
import { ChatError } from '@maru/contract';
import type { Line } from './connection.js';
import { foldedInto, isChange } from './fold.js';
import type { PeopleDirectory } from './people-directory.js';
import type { RoomState } from './room-state.js';
import type { Store } from './store.js';
import { EMPTY, messageAt, missingQuotes, prepended, type Timeline, withQuotes } from './timeline.js';

const AROUND = 50;
const RETRY_MS = 1_000;
const QUOTES_AT_ONCE = 4;

type Range = Pick<CommandPayload<'history:read'>, 'before' | 'after' | 'limit'>;

/**
 * Reads of a room's history while the room goes on: what changes between the question and the answer is folded into the
 * page, which may not show it yet.
 */
export class RoomHistory {
  /** Changes that came since each running read began. */
  private readonly running = new Set<ChangeEntry[]>();
  private readonly wantedQuotes = new Set<number>();
  private quoteReads = 0;
  /** Only the last jump counts. */
  private jumps = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly roomId: RoomId,
    private readonly store: Store<RoomState>,
    private readonly connection: Line,
    private readonly people: Pick<PeopleDirectory, 'learn'>,
    private readonly me: UserId,
  ) {}

  /** What was applied to the timeline is applied to everything else that is shown or being read. */
  note(entries: readonly Entry[]): void {
    const changes = entries.filter(isChange);
    for (const meanwhile of this.running) meanwhile.push(...changes);
    const { excursion, timeline } = this.store.get();
    if (excursion !== null && changes.length > 0) this.setExcursion(this.folded(excursion, changes));
    for (const seq of missingQuotes(timeline, entries)) this.wantedQuotes.add(seq);
    void this.readQuotes();
  }

  /** Puts a page of history before what is shown. */
  async loadOlder(): Promise<void> {
    const { excursion, timeline } = this.store.get();
    const shown = excursion ?? timeline;
    if (shown.from <= 1) return;
    await this.whileLoading(async () => {
      const page = await this.read({ before: shown.from });
      const now = this.store.get();
      if (excursion === null) this.store.update({ timeline: prepended(now.timeline, page) });
      else if (now.excursion !== null) this.setExcursion(prepended(now.excursion, page));
    });
  }

  /** Goes on from an excursion towards the present; ends it when it meets the timeline. */
  async loadNewer(): Promise<void> {
    const { excursion } = this.store.get();
    if (excursion === null) return;
    await this.whileLoading(async () => {
      const page = await this.read({ after: excursion.to });
      const now = this.store.get();
      if (now.excursion?.to === excursion.to) this.setExcursion(extended(now.excursion, page));
    });
  }

  /**
   * Makes the message known, with what is around it: in the timeline if it lies there, else in an excursion. Returns
   * whether there is such a message to be seen. Rejects with ChatError.
   */
  async jumpTo(seq: number): Promise<boolean> {
    const { timeline, excursion } = this.store.get();
    if (seq >= timeline.from) {
      this.leaveExcursion();
      return timeline.entries.some((entry) => entry.seq === seq);
    }
    if (excursion !== null && seq >= excursion.from && seq <= excursion.to) return true;
    const jump = ++this.jumps;
    const page = await this.read({ after: Math.max(0, seq - AROUND / 2), limit: AROUND });
    if (!page.entries.some((entry) => entry.seq === seq)) return false;
    if (jump !== this.jumps) return true;
    const { historyEpoch } = this.store.get().timeline;
    const { entries, from, to, hiddenUpTo } = page;
    this.setExcursion(withQuotes({ ...EMPTY, entries, from, to, historyEpoch, hiddenUpTo }, page.quoted));
    return true;
  }

  leaveExcursion(): void {
    this.jumps++;
    if (this.store.get().excursion !== null) this.store.update({ excursion: null });
  }

  /** The timeline began anew: pages that are being read now do not fit any more, and nothing is known of the excursion. */
  restart(): void {
    this.running.clear();
    this.leaveExcursion();
  }

  stop(): void {
    clearTimeout(this.timer);
    if (this.store.get().loading) this.store.update({ loading: false });
  }

  private setExcursion(excursion: Timeline): void {
    const { timeline } = this.store.get();
    if (excursion.to < timeline.from - 1 || excursion.historyEpoch !== timeline.historyEpoch) {
      this.store.update({ excursion });
      return;
    }
    const older = excursion.entries.filter(({ seq }) => seq < timeline.from);
    const quotes = new Map([...excursion.quotes, ...timeline.quotes]);
    const entries = [...older, ...timeline.entries];
    // another page may have reached further back meanwhile
    const from = Math.min(excursion.from, timeline.from);
    this.store.update({ excursion: null, timeline: { ...timeline, entries, from, quotes } });
  }

  /** A page that is at least as new as what the timeline shows by the time it is there. */
  private async read(range: Range): Promise<HistoryPage> {
    const meanwhile: ChangeEntry[] = [];
    this.running.add(meanwhile);
    try {
      const minSeq = this.store.get().timeline.to;
      const page = await this.connection.request('history:read', { roomId: this.roomId, ...range, minSeq });
      if (!this.running.has(meanwhile)) throw new ChatError('overloaded', { message: 'the room began anew' });
      this.people.learn(page.people);
      return {
        ...page,
        entries: foldedInto(page.entries, meanwhile, this.me),
        quoted: foldedInto(page.quoted, meanwhile, this.me),
      };
    } finally {
      this.running.delete(meanwhile);
    }
  }

  private folded(timeline: Timeline, changes: readonly ChangeEntry[]): Timeline {
    const quotes = [...timeline.quotes].map(
      ([seq, quote]) => [seq, quote && (foldedInto([quote], changes, this.me)[0] ?? quote)] as const,
    );
    return { ...timeline, entries: foldedInto(timeline.entries, changes, this.me), quotes: new Map(quotes) };
  }

  private async whileLoading(load: () => Promise<void>): Promise<void> {
    if (this.store.get().loading || !this.connection.online) return;
    this.store.update({ loading: true });
    try {
      await load();
      this.store.update({ loading: false });
    } catch {
      this.timer = setTimeout(() => this.store.update({ loading: false }), RETRY_MS);
    }
  }

  /** Messages that came live may answer some that lie far back: those are read one by one. */
  private async readQuotes(): Promise<void> {
    const [seq] = this.wantedQuotes;
    if (seq === undefined || this.quoteReads >= QUOTES_AT_ONCE) return;
    this.wantedQuotes.delete(seq);
    const { timeline } = this.store.get();
    if (messageAt(timeline, seq) !== undefined) return this.readQuotes();
    this.quoteReads++;
    try {
      const { entries } = await this.read({ after: seq - 1, limit: 1 });
      const [found] = entries;
      const now = this.store.get().timeline;
      if (found?.kind === 'message' && found.seq === seq) this.store.update({ timeline: withQuotes(now, [found]) });
      else this.store.update({ timeline: { ...now, quotes: new Map(now.quotes).set(seq, null) } });
    } catch {
      // the quote stays empty until the room is opened anew
    } finally {
      this.quoteReads--;
    }
    return this.readQuotes();
  }
}

function extended(timeline: Timeline, page: HistoryPage): Timeline {
  const entries = [...timeline.entries, ...page.entries];
  return withQuotes({ ...timeline, entries, to: page.to }, page.quoted);
}
