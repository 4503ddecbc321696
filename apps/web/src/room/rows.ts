import { messageAt, type OutgoingMessage, type Pending, type Timeline } from '@maru/client';
import type { HistoryEntry, Message, UserId } from '@maru/contract';

/** Messages of one author this close together are one group, milliseconds. */
const GROUP_MS = 5 * 60_000;

export type Row =
  | { kind: 'beginning'; key: string; hidden: boolean }
  | { kind: 'day'; key: string; day: number }
  /** What follows came since I was here. */
  | { kind: 'new'; key: string }
  | { kind: 'system'; key: string; entry: HistoryEntry & { kind: 'system' } }
  | {
      kind: 'message';
      key: string;
      id: string;
      senderId: UserId;
      createdAt: number;
      /** As it is in the log; null for those of mine that are not there yet. */
      message: Message | null;
      outgoing: OutgoingMessage | null;
      /** What I asked to be made of it and what is not done yet. */
      pending: Pending | undefined;
      /** How many have not read it. */
      unread: number;
      /** Seq and state of what it answers; null: there is none to be seen, undefined: not known yet. */
      replyTo: number | null;
      quote: Message | null | undefined;
      /** First or last of its group. */
      first: boolean;
      last: boolean;
    };

export type MessageRow = Row & { kind: 'message' };

export interface Shown {
  timeline: Timeline;
  outgoing: readonly OutgoingMessage[];
  pending: ReadonlyMap<number, Pending>;
  unread: ReadonlyMap<number, number>;
}

/**
 * What the list shows, in order: days, system entries, groups of messages, and at the end what is being sent. A row
 * that shows the same as before is the same object, so that it need not be rendered again.
 */
export function buildRows(
  { timeline, outgoing, pending, unread }: Shown,
  me: UserId,
  options: {
    dayOf: (ms: number) => number;
    before?: readonly Row[];
    /** Up to where I had read; null: a line for it is not wanted. */
    leftOff?: number | null;
  },
): Row[] {
  const complete = timeline.from <= 1 && timeline.to > 0;
  const rows: Row[] = complete ? [{ kind: 'beginning', key: 'beginning', hidden: timeline.hiddenUpTo > 0 }] : [];
  let day = Number.NaN;
  const startDay = (createdAt: number): void => {
    const itsDay = options.dayOf(createdAt);
    if (itsDay !== day) rows.push({ kind: 'day', key: `day-${itsDay}`, day: itsDay });
    day = itsDay;
  };
  const { leftOff = null } = options;
  // where what was said before it is not loaded, there is no telling which message is the first new one
  let newFrom = leftOff === null || leftOff < timeline.from - 1 ? Number.POSITIVE_INFINITY : leftOff + 1;
  const pushMessage = (message: Omit<MessageRow, 'kind' | 'key' | 'first' | 'last' | 'quote'>): void => {
    startDay(message.createdAt);
    if (message.message !== null && message.message.seq >= newFrom && message.senderId !== me) {
      rows.push({ kind: 'new', key: 'new' });
      newFrom = Number.POSITIVE_INFINITY;
    }
    const previous = rows.at(-1);
    const joins =
      previous?.kind === 'message' &&
      previous.senderId === message.senderId &&
      message.replyTo === null &&
      message.createdAt - previous.createdAt < GROUP_MS;
    if (joins) previous.last = false;
    const quote = message.replyTo === null ? undefined : messageAt(timeline, message.replyTo);
    rows.push({ kind: 'message', key: message.id, ...message, quote, first: !joins, last: true });
  };

  const shown = new Set<string>();
  for (const entry of timeline.entries) {
    if (entry.kind === 'system') {
      startDay(entry.createdAt);
      rows.push({ kind: 'system', key: `system-${entry.seq}`, entry });
    } else {
      const { id, senderId, createdAt, seq, replyTo = null } = entry;
      if (senderId === me) shown.add(id);
      pushMessage({
        id,
        senderId,
        createdAt,
        message: entry,
        outgoing: null,
        pending: pending.get(seq),
        unread: unread.get(seq) ?? 0,
        replyTo,
      });
    }
  }
  for (const message of outgoing) {
    if (shown.has(message.id)) continue;
    const { id, createdAt, replyTo } = message;
    const nothing = { message: null, pending: undefined, unread: 0 };
    pushMessage({ ...nothing, id, senderId: me, createdAt, outgoing: message, replyTo });
  }
  return keepSame(rows, options.before ?? []);
}

function keepSame(rows: Row[], before: readonly Row[]): Row[] {
  const known = new Map(before.map((row) => [row.key, row]));
  return rows.map((row) => {
    const old = known.get(row.key);
    return old !== undefined && same(old, row) ? old : row;
  });
}

function same(a: Row, b: Row): boolean {
  const fields = Object.keys(b) as (keyof Row)[];
  return fields.every((field) => a[field] === b[field]);
}
