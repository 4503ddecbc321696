import type { Entry, HistoryEntry, HistoryPage, RoomOpened } from '@maru/contract';

/** What a client knows of one room: everything from `from` to `to`, without holes, changes folded in. */
export interface Timeline {
  entries: readonly HistoryEntry[];
  from: number;
  to: number;
  historyEpoch: number;
}

export const EMPTY: Timeline = { entries: [], from: 1, to: 0, historyEpoch: 0 };

/** Starts anew with the newest page, or goes on where it was, as the server said. */
export function opened(timeline: Timeline, answer: RoomOpened): Timeline {
  const { entries, from, head, historyEpoch, truncated } = answer;
  if (truncated) return { entries: entries.filter(isHistory), from, to: head, historyEpoch };
  const grown = appended(timeline, entries);
  return { ...grown, to: Math.max(grown.to, head), historyEpoch };
}

/** Applies entries whose turn it is, in order; what was there before is left out. Returns the same where nothing is new. */
export function appended(timeline: Timeline, entries: readonly Entry[]): Timeline {
  let { to } = timeline;
  let list: HistoryEntry[] | undefined;
  for (const entry of entries) {
    if (entry.seq <= to) continue;
    to = entry.seq;
    list ??= [...timeline.entries];
    if (entry.kind === 'change') change(list, entry);
    else list.push(entry);
  }
  return list === undefined ? timeline : { ...timeline, entries: list, to };
}

/** Puts an older page before what is there. A page that does not meet it is left out. */
export function prepended(timeline: Timeline, page: HistoryPage): Timeline {
  if (page.historyEpoch !== timeline.historyEpoch || page.to !== timeline.from - 1) return timeline;
  return { ...timeline, entries: [...page.entries, ...timeline.entries], from: page.from };
}

const isHistory = (entry: Entry): entry is HistoryEntry => entry.kind !== 'change';

/** A change carries the resulting state: it counts only if it is newer than what the message already shows. */
function change(list: HistoryEntry[], { targetSeq, seq, text }: Entry & { kind: 'change' }): void {
  const at = lowerBound(list, targetSeq);
  const target = list[at];
  if (target?.kind !== 'message' || target.seq !== targetSeq || (target.changedSeq ?? 0) >= seq) return;
  list[at] = { ...target, text, changedSeq: seq };
}

/** Index of the first entry at or above seq. */
function lowerBound(list: readonly HistoryEntry[], seq: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.seq ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
