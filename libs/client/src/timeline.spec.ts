import type { Entry, MessageId, RoomId, UserId } from '@maru/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appended, EMPTY, opened, prepended, type Timeline } from './timeline.js';

const roomId = '019a2b3c-4d5e-7f00-8a00-0123456789ab' as RoomId;
const senderId = '019a2b3c-4d5e-7f00-8a00-0123456789ac' as UserId;

const message = (seq: number): Entry => ({
  kind: 'message',
  roomId,
  seq,
  ordinal: seq,
  createdAt: seq,
  id: `id-${seq}` as MessageId,
  senderId,
  text: `text ${seq}`,
});
const change = (seq: number, targetSeq: number, text: string | null): Entry => ({
  kind: 'change',
  roomId,
  seq,
  ordinal: seq,
  createdAt: seq,
  targetSeq,
  actorId: senderId,
  change: text === null ? { type: 'deleted' } : { type: 'edited', text, editedAt: seq },
});
const me = senderId;
const besides = { people: [], quoted: [], hiddenUpTo: 0 };

const start: Timeline = { ...EMPTY, historyEpoch: 1 };

describe('a timeline', () => {
  it('[W7] leaves out what it has and stays the same object where nothing is new', () => {
    const timeline = appended(start, [message(1), message(2)], me);
    expect(appended(timeline, [message(1), message(2)], me)).toBe(timeline);
  });

  it('[W7] folds changes into their messages, each once, the newest last', () => {
    const timeline = appended(
      start,
      [message(1), change(2, 1, 'edited'), change(3, 1, null), change(3, 1, 'late')],
      me,
    );
    expect(timeline).toMatchObject({ to: 3, entries: [{ seq: 1, text: null, changedSeq: 3 }] });
  });

  it('[M13] learns what is mine from my own changes, also where a message came with its present state', () => {
    const reacted = (seq: number, on: boolean, count: number): Entry => ({
      ...change(seq, 1, 'x'),
      ...({
        change: { type: 'reacted', emoji: '👍', on, reactions: count === 0 ? [] : [{ emoji: '👍', count }] },
      } as object),
    });
    const present = { ...message(1), reactions: [{ emoji: '👍', count: 2 }], changedSeq: 4 } as Entry;
    const timeline = appended(start, [present, reacted(2, true, 1), reacted(3, false, 0), reacted(4, true, 2)], me);
    expect(timeline.entries).toMatchObject([{ reactions: [{ emoji: '👍', count: 2, mine: true }] }]);
  });

  it('[D3] starts anew with a truncated answer and goes on with a resumed one', () => {
    const timeline = appended(start, [message(1)], me);
    const answer = { roomId, head: 9, historyEpoch: 1, ...besides, from: 8, entries: [message(8), message(9)] };
    expect(opened(timeline, { ...answer, truncated: true }, me)).toMatchObject({
      from: 8,
      to: 9,
      entries: [{ seq: 8 }, { seq: 9 }],
    });
    const resumed = opened(timeline, { ...answer, from: 2, entries: [message(2)], head: 2, truncated: false }, me);
    expect(resumed).toMatchObject({ from: 1, to: 2 });
  });

  it('[M10] puts only a page before it that meets it', () => {
    const timeline: Timeline = { ...EMPTY, from: 5, to: 5, historyEpoch: 1 };
    const page = { roomId, head: 9, historyEpoch: 1, ...besides, from: 3, to: 4, entries: [] };
    expect(prepended(timeline, page).from).toBe(3);
    expect(prepended(timeline, { ...page, to: 3 })).toBe(timeline);
    expect(prepended(timeline, { ...page, historyEpoch: 2 })).toBe(timeline);
  });

  it('[W7] shows what the server has, however its entries were split and repeated', () => {
    const log = fc.array(fc.option(fc.nat(), { nil: undefined }), { minLength: 1, maxLength: 40 }).map((targets) =>
      targets.map((target, i) => {
        const seq = i + 1;
        return target === undefined || i === 0 ? message(seq) : change(seq, (target % i) + 1, `edit ${seq}`);
      }),
    );
    fc.assert(
      fc.property(log, fc.array(fc.nat(39), { maxLength: 60 }), (entries, repeats) => {
        const whole = appended(start, entries, me);
        let pieces = start;
        for (const [i, entry] of entries.entries()) {
          const again = entries.slice(Math.max(0, i - (repeats[i] ?? 0)), i);
          pieces = appended(appended(pieces, again, me), [entry], me);
        }
        expect(pieces).toEqual(whole);
      }),
    );
  });
});
