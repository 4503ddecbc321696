import { type Entry, type HistoryEntry, isHistory, messageAfter } from '@maru/contract';

const KEPT = 100;
/** Of texts in one window. */
const KEPT_CHARS = 100_000;

const charsOf = (entry: HistoryEntry): number => (entry.kind === 'message' ? (entry.text?.length ?? 0) : 0);

export interface HistoryRange {
  after: number;
  before: number;
  limit: number;
  newestFirst: boolean;
  /** The answer is at least as new as this seq. */
  asNewAs: number;
  /** The room as it is now: what is kept in memory counts only if it is as new. */
  head: number;
  historyEpoch: number;
}

/** The newest part of a room's history in its present state, contiguous from `from` to `to`. */
export class HistoryWindow {
  private chars: number;
  /** This node takes the room's entries: what is missing at the end is on its way. */
  private grows = false;
  private waiting: { seq: number; resolve: () => void }[] = [];

  constructor(
    private entries: HistoryEntry[],
    public from: number,
    public to: number,
    readonly historyEpoch: number,
  ) {
    this.chars = entries.reduce((sum, entry) => sum + charsOf(entry), 0);
  }

  /** The next entry. One that does not follow is refused: what has a hole must not be shown. */
  append(entry: Entry): boolean {
    if (entry.seq !== this.to + 1) return false;
    this.to = entry.seq;
    this.grows = true;
    if (isHistory(entry)) {
      this.entries.push(entry);
      this.chars += charsOf(entry);
    }
    if (entry.kind === 'change') {
      this.entries = this.entries.map((known) => (known.kind === 'message' ? messageAfter(known, entry) : known));
    }
    if (this.entries.length > 2 * KEPT || this.chars > KEPT_CHARS) {
      this.entries = this.entries.slice(-Math.min(KEPT, Math.ceil(this.entries.length / 2)));
      this.chars = this.entries.reduce((sum, kept) => sum + charsOf(kept), 0);
      this.from = this.entries[0]?.seq ?? this.to;
    }
    for (const { seq, resolve } of this.waiting) if (seq <= this.to) resolve();
    return true;
  }

  /** Resolves when the window has grown to this seq, or after so many milliseconds; at once where it does not grow. */
  async reach(seq: number, ms: number): Promise<void> {
    if (this.to >= seq || !this.grows) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const one = { seq, resolve };
    const timer = setTimeout(resolve, ms);
    this.waiting.push(one);
    await promise;
    clearTimeout(timer);
    this.waiting = this.waiting.filter((other) => other !== one);
  }

  /** What lies in this range, in ascending seq; undefined where the window does not reach. */
  page({ after, before, limit, newestFirst, head, historyEpoch }: HistoryRange): HistoryEntry[] | undefined {
    if (this.to < head || this.historyEpoch !== historyEpoch) return undefined;
    const inside = this.entries.filter(({ seq }) => seq > after && seq < before);
    const page = newestFirst ? inside.slice(-limit) : inside.slice(0, limit);
    const isWhole = after + 1 >= this.from || (newestFirst && inside.length >= limit);
    return isWhole ? page : undefined;
  }
}
