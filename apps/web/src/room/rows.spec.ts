import type { OutgoingMessage } from '@maru/client';
import type { HistoryEntry, MessageId, RoomId, UserId } from '@maru/contract';
import { describe, expect, it } from 'vitest';
import { buildRows, type Row } from './rows.ts';

const [ann, bob] = ['ann', 'bob'] as UserId[] as [UserId, UserId];
const MINUTE = 60_000;
const options = { complete: true, dayOf: (ms: number) => Math.floor(ms / 86_400_000) };

const said = (seq: number, senderId: UserId, minute: number): HistoryEntry => ({
  kind: 'message',
  roomId: '' as RoomId,
  seq,
  ordinal: seq,
  createdAt: minute * MINUTE,
  id: `m${seq}` as MessageId,
  senderId,
  text: `${seq}`,
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
    expect(shape(buildRows(entries, [], ann, options))).toEqual([
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
    const rows = buildRows([said(1, ann, 9)], [outgoing('m1', 'sending'), outgoing('m2', 'sending')], ann, options);
    expect(shape(rows)).toEqual(['beginning', 'day', 'm1<', 'm2>']);
  });

  it('[W2] are the same objects where they show the same', () => {
    const before = buildRows([said(1, ann, 0), said(2, bob, 0)], [], ann, options);
    const after = buildRows([said(1, ann, 0), said(2, bob, 0), said(3, ann, 1)], [], ann, { ...options, before });
    expect(after.slice(0, before.length).map((row, i) => row === before[i])).toEqual(before.map(() => true));
  });
});
