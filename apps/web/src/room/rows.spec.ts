import type { OutgoingMessage, Timeline } from '@maru/client';
import type { HistoryEntry, MessageId, RoomId, UserId } from '@maru/contract';
import { describe, expect, it } from 'vitest';
import { buildRows, type Row } from './rows.ts';

const [ann, bob] = ['ann', 'bob'] as UserId[] as [UserId, UserId];
const MINUTE = 60_000;
const options = { dayOf: (ms: number) => Math.floor(ms / 86_400_000) };
const NOTHING = { outgoing: [], pending: new Map(), unread: new Map() };

const said = (seq: number, senderId: UserId, minute: number, replyTo?: number): HistoryEntry => ({
  kind: 'message',
  roomId: '' as RoomId,
  seq,
  ordinal: seq,
  createdAt: minute * MINUTE,
  id: `m${seq}` as MessageId,
  senderId,
  text: `${seq}`,
  ...(replyTo === undefined ? {} : { replyTo }),
});
const timeline = (entries: HistoryEntry[]): Timeline => ({
  entries,
  from: 1,
  to: entries.length,
  historyEpoch: 1,
  quotes: new Map(),
  hiddenUpTo: 0,
});
const outgoing = (id: string, state: OutgoingMessage['state']): OutgoingMessage => ({
  id: id as MessageId,
  text: 'x',
  replyTo: null,
  createdAt: 9 * MINUTE,
  state,
  error: null,
  seq: null,
});
const shape = (rows: Row[]): string[] =>
  rows.map((row) => (row.kind === 'message' ? `${row.key}${row.first ? '<' : ''}${row.last ? '>' : ''}` : row.kind));

describe('rows of the list', () => {
  it('[W5] separate days and group an author’s messages within five minutes', () => {
    const entries = [said(1, ann, 0), said(2, ann, 3), said(3, ann, 9), said(4, bob, 9), said(5, bob, 1_441)];
    expect(shape(buildRows({ timeline: timeline(entries), ...NOTHING }, ann, options))).toEqual([
      'beginning',
      'day',
      'm1<',
      'm2>',
      'm3<>',
      'm4<>',
      'day',
      'm5<>',
    ]);
  });

  it('[W6] show one bubble for a message that has arrived before its acknowledgement', () => {
    const sending = [outgoing('m1', 'sending'), outgoing('m2', 'sending')];
    const rows = buildRows({ ...NOTHING, timeline: timeline([said(1, ann, 9)]), outgoing: sending }, ann, options);
    expect(shape(rows)).toEqual(['beginning', 'day', 'm1<', 'm2>']);
  });

  it('[W2] are the same objects where they show the same, also when another one changes', () => {
    const entries = [said(1, ann, 0), said(2, bob, 0), said(3, ann, 1, 1)];
    const before = buildRows({ timeline: timeline(entries), ...NOTHING }, ann, options);
    const edited = { ...entries[1], text: 'edited' } as HistoryEntry;
    const after = buildRows(
      { timeline: timeline([entries[0]!, edited, entries[2]!, said(4, ann, 1, 1)]), ...NOTHING },
      ann,
      { ...options, before },
    );
    expect(after.slice(0, before.length).map((row, i) => row === before[i])).toEqual([true, true, true, false, true]);
  });

  it('[W14] stay the same objects where the number of those who have not read is the same', () => {
    const shown = { ...NOTHING, timeline: timeline([said(1, ann, 0), said(2, bob, 0), said(3, ann, 1)]) };
    const before = buildRows({ ...shown, unread: new Map([[1, 2]]) }, ann, options);
    const after = buildRows({ ...shown, unread: new Map([[1, 1]]) }, ann, { ...options, before });
    expect(after.map((row, i) => row === before[i])).toEqual([true, true, false, true, true]);
    expect(after[2]).toMatchObject({ unread: 1 });
  });

  it('[W14] have one line above the first message of somebody else since I was here', () => {
    const shown = {
      ...NOTHING,
      timeline: timeline([said(1, ann, 0), said(2, ann, 0), said(3, bob, 0), said(4, bob, 0)]),
    };
    const line = (leftOff: number | null): string[] => shape(buildRows(shown, ann, { ...options, leftOff }));
    expect(line(1)).toEqual(['beginning', 'day', 'm1<', 'm2>', 'new', 'm3<', 'm4>']);
    expect(line(3)).toEqual(['beginning', 'day', 'm1<', 'm2>', 'm3<>', 'new', 'm4<>']);
    expect(line(4)).not.toContain('new');
    expect(line(null)).not.toContain('new');
  });

  it('[M16] know what they answer', () => {
    const rows = buildRows({ timeline: timeline([said(1, ann, 0), said(2, bob, 0, 1)]), ...NOTHING }, ann, options);
    expect(rows.at(-1)).toMatchObject({ replyTo: 1, quote: { seq: 1, text: '1' } });
  });
});
