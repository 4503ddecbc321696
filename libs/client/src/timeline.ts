import {
  type Entry,
  type HistoryEntry,
  type HistoryPage,
  isHistory,
  type Message,
  type RoomOpened,
  type UserId,
} from '@maru/contract';
import { changed } from './fold.js';

/** What a client knows of one room: everything from `from` to `to`, without holes, changes folded in. */
export interface Timeline {
  entries: readonly HistoryEntry[];
  from: number;
  to: number;
  historyEpoch: number;
  /** Messages outside of it that messages in it reply to, by seq; null: there is none to be seen. */
  quotes: ReadonlyMap<number, Message | null>;
  /** What lies at or below this seq is not for me. */
  hiddenUpTo: number;
}

export const EMPTY: Timeline = { entries: [], from: 1, to: 0, historyEpoch: 0, quotes: new Map(), hiddenUpTo: 0 };

/** Starts anew with the newest page, or goes on where it was, as the server said. */
export function opened(timeline: Timeline, answer: RoomOpened, me: UserId): Timeline {
  const { entries, from, head, historyEpoch, hiddenUpTo, quoted, truncated } = answer;
  if (truncated) {
    const quotes = new Map(quoted.map((message) => [message.seq, message]));
    return { entries: entries.filter(isHistory), from, to: head, historyEpoch, quotes, hiddenUpTo };
  }
  const grown = appended(withQuotes(timeline, quoted), entries, me);
  return { ...grown, to: Math.max(grown.to, head), historyEpoch, hiddenUpTo };
}

/** Applies entries whose turn it is, in order; what was there before is left out. Returns the same where nothing is new. */
export function appended(timeline: Timeline, entries: readonly Entry[], me: UserId): Timeline {
  let { to, quotes } = timeline;
  let list: HistoryEntry[] | undefined;
  for (const entry of entries) {
    if (entry.seq <= to) continue;
    to = entry.seq;
    list ??= [...timeline.entries];
    if (isHistory(entry)) list.push(entry);
    if (entry.kind !== 'change') continue;
    const at = indexOf(list, entry.targetSeq);
    const target = list[at];
    if (target?.kind === 'message') list[at] = changed(target, entry, me);
    const quote = quotes.get(entry.targetSeq);
    if (quote) quotes = new Map(quotes).set(quote.seq, changed(quote, entry, me));
  }
  return list === undefined ? timeline : { ...timeline, entries: list, to, quotes };
}

/** Puts an older page before what is there. A page that does not meet it is left out. */
export function prepended(timeline: Timeline, page: HistoryPage): Timeline {
  if (page.historyEpoch !== timeline.historyEpoch || page.to !== timeline.from - 1) return timeline;
  const { quotes } = withQuotes(timeline, page.quoted);
  return { ...timeline, entries: [...page.entries, ...timeline.entries], from: page.from, quotes };
}

/** Knows these quoted messages, too; where one is known already, the newer state counts. */
export function withQuotes(timeline: Timeline, quoted: readonly Message[]): Timeline {
  const newer = quoted.filter(({ seq, changedSeq = 0 }) => (timeline.quotes.get(seq)?.changedSeq ?? -1) < changedSeq);
  if (newer.length === 0) return timeline;
  const quotes = new Map(timeline.quotes);
  for (const message of newer) quotes.set(message.seq, message);
  return { ...timeline, quotes };
}

/** The message at this seq, if it is known. null: there is none to be seen. */
export function messageAt({ entries, quotes }: Timeline, seq: number): Message | null | undefined {
  const found = entries[indexOf(entries, seq)];
  return found?.kind === 'message' ? found : quotes.get(seq);
}

/** Messages that messages here reply to and of which nothing is known yet. */
export function missingQuotes(timeline: Timeline, entries: readonly Entry[]): number[] {
  const wanted = entries.flatMap((entry) => (entry.kind === 'message' ? (entry.replyTo ?? []) : []));
  return [...new Set(wanted)].filter((seq) => messageAt(timeline, seq) === undefined);
}

/** Index of the entry with this seq; -1 where there is none. */
function indexOf(list: readonly HistoryEntry[], seq: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.seq ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return list[low]?.seq === seq ? low : -1;
}
