import type { OutgoingMessage } from '@maru/client';
import type { HistoryEntry, UserId } from '@maru/contract';

/** Messages of one author this close together are one group, milliseconds. */
const GROUP_MS = 5 * 60_000;

export type Row =
  | { kind: 'beginning'; key: string }
  | { kind: 'day'; key: string; day: number }
  | { kind: 'system'; key: string; entry: HistoryEntry & { kind: 'system' } }
  | {
      kind: 'message';
      key: string;
      id: string;
      senderId: UserId;
      text: string | null;
      createdAt: number;
      /** First or last of its group. */
      first: boolean;
      last: boolean;
      /** Of my own messages that are not in the log yet. */
      outgoing: OutgoingMessage | null;
    };

type MessageRow = Row & { kind: 'message' };

/**
 * What the list shows, in order: days, system entries, groups of messages, and at the end what is being sent. A row
 * that shows the same as before is the same object, so that it need not be rendered again.
 */
export function buildRows(
  entries: readonly HistoryEntry[],
  outgoing: readonly OutgoingMessage[],
  me: UserId,
  options: { complete: boolean; dayOf: (ms: number) => number; before?: readonly Row[] },
): Row[] {
  const rows: Row[] = options.complete ? [{ kind: 'beginning', key: 'beginning' }] : [];
  let day = Number.NaN;
  const startDay = (createdAt: number): void => {
    const itsDay = options.dayOf(createdAt);
    if (itsDay !== day) rows.push({ kind: 'day', key: `day-${itsDay}`, day: itsDay });
    day = itsDay;
  };
  const pushMessage = (message: Omit<MessageRow, 'kind' | 'key' | 'first' | 'last'>): void => {
    startDay(message.createdAt);
    const previous = rows.at(-1);
    const joins =
      previous?.kind === 'message' &&
      previous.senderId === message.senderId &&
      message.createdAt - previous.createdAt < GROUP_MS;
    if (joins) previous.last = false;
    rows.push({ kind: 'message', key: message.id, ...message, first: !joins, last: true });
  };

  const shown = new Set<string>();
  for (const entry of entries) {
    if (entry.kind === 'system') {
      startDay(entry.createdAt);
      rows.push({ kind: 'system', key: `system-${entry.seq}`, entry });
    } else {
      const { id, senderId, text, createdAt } = entry;
      if (senderId === me) shown.add(id);
      pushMessage({ id, senderId, text, createdAt, outgoing: null });
    }
  }
  for (const message of outgoing) {
    if (shown.has(message.id)) continue;
    const { id, text, createdAt } = message;
    pushMessage({ id, senderId: me, text, createdAt, outgoing: message });
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
