import type { Entry, HistoryEntry } from '@maru/contract';
import { isHistory, messageAfter } from './entry-rows.js';

const KEPT = 100;

export interface HistoryRange {
  after: number;
  before: number;
  limit: number;
  newestFirst: boolean;
  /** The answer is at least as new as this seq. */
  asNewAs: number;
}

/** The newest part of a room's history in its present state, contiguous from `from` to `to`. */
export class HistoryWindow {
  constructor(
    private entries: HistoryEntry[],
    private from: number,
    public to: number,
  ) {}

  /** The next entry. One that does not follow is refused: what has a hole must not be shown. */
  append(entry: Entry): boolean {
    if (entry.seq !== this.to + 1) return false;
    this.to = entry.seq;
    if (isHistory(entry)) this.entries.push(entry);
    else if (entry.kind === 'change') {
      this.entries = this.entries.map((known) => (known.kind === 'message' ? messageAfter(known, entry) : known));
    }
    if (this.entries.length > 2 * KEPT) {
      this.entries = this.entries.slice(-KEPT);
      this.from = this.entries[0]?.seq ?? this.to;
    }
    return true;
  }

  /** What lies in this range, in ascending seq; undefined where the window does not reach. */
  page({ after, before, limit, newestFirst, asNewAs }: HistoryRange): HistoryEntry[] | undefined {
    if (this.to < asNewAs) return undefined;
    const inside = this.entries.filter(({ seq }) => seq > after && seq < before);
    const page = newestFirst ? inside.slice(-limit) : inside.slice(0, limit);
    const isWhole = after + 1 >= this.from || (newestFirst && inside.length >= limit);
    return isWhole ? page : undefined;
  }
}
