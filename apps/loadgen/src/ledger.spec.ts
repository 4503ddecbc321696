import { describe, expect, it } from 'vitest';
import { Ledger } from './ledger.ts';

const entry = (seq: number, id: string): string =>
  `{"kind":"message","roomId":"r","seq":${seq},"ordinal":1,"id":"${id}"}`;
const frame = (...entries: string[]): string => `42["room:entries",{"roomId":"r","entries":[${entries.join()}]}]`;
const acked = (number: number, seq: number): string => `43${number}[{"ok":true,"data":{"seq":${seq}}}]`;

/** Four clients in two rooms. */
const ledger = (): Ledger => new Ledger({ clients: 4, perClient: 3, roomSize: 2 });
const balanced = { storedTwice: 0, missing: 0, elsewhere: 0, unasked: 0, unordered: 0, undelivered: 0 };

describe('the ledger', () => {
  it('[G2] counts each delivery, timed from when its message was due', () => {
    const book = ledger();
    const one = book.next(0, 1_000, 1_004);
    const two = book.next(1, 1_500, 1_500);
    book.answer(0, one.number, true, acked(1, 7), 1_010);
    book.answer(1, two.number, true, acked(1, 8), 1_510);
    for (const client of [0, 1]) book.show(client, frame(entry(7, one.id), entry(8, two.id)), 1_520);
    expect(book).toMatchObject({ sent: 2, acked: 2, refused: 0, delivered: 4 });
    expect(book.faults).toEqual({ answeredTwice: 0, misplaced: 0, strange: 0 });
    expect(book.balance(book.acknowledged())).toEqual({ stored: 2, ...balanced });
    expect([book.acks.summary().max, book.deliveries.summary().max, book.lag.summary().max]).toEqual([10, 520, 4]);
    expect(book.acks.countOf(1)).toBe(2);
  });

  it('[G2] notices what is answered twice, at two places, or from somewhere else', () => {
    const book = ledger();
    const one = book.next(0, 0, 0);
    const two = book.next(0, 0, 0);
    book.answer(0, 1, true, acked(1, 7), 1);
    book.answer(0, 1, true, acked(1, 7), 1);
    book.answer(0, 2, true, acked(2, 8), 1);
    book.show(0, frame(entry(9, one.id)), 2);
    book.show(1, frame(entry(7, one.id)), 2);
    book.show(2, frame(entry(8, two.id)), 2);
    book.show(0, frame(entry(8, '019b0000-0000-7000-8000-000000000001')), 2);
    expect(book.faults).toEqual({ answeredTwice: 1, misplaced: 1, strange: 2 });
  });

  it('[G2] notices two places of a message that was shown before it was acknowledged', () => {
    const book = ledger();
    const { id } = book.next(0, 0, 0);
    book.show(0, frame(entry(7, id)), 1);
    book.show(1, frame(entry(8, id)), 1);
    book.answer(0, 1, true, acked(1, 9), 2);
    expect(book.faults.misplaced).toBe(2);
  });

  it('[G2] holds each row of the table against its answer', () => {
    const book = ledger();
    const ids = [0, 0, 0, 1].map((client) => book.next(client, 0, 0).id);
    const rows = ids.map((id, i) => ({ id, room: 0, seq: i + 2 }));
    [1, 2, 3].forEach((number) => book.answer(0, number, true, acked(number, number + 1), 1));
    book.answer(1, 1, false, '431[{"ok":false,"error":{"code":"unknown"}}]', 1);
    for (const client of [0, 1]) book.show(client, frame(...ids.map((id, i) => entry(i + 2, id))), 2);
    expect(book.balance(rows)).toEqual({ stored: 4, ...balanced });

    const wrong = (change: typeof rows): object => book.balance(change);
    expect(wrong(rows.slice(1))).toMatchObject({ missing: 1, undelivered: 2 });
    expect(wrong([...rows, ...rows.slice(0, 1)])).toMatchObject({ storedTwice: 1 });
    expect(wrong(rows.map((row) => ({ ...row, seq: row.seq + 1 })))).toMatchObject({ elsewhere: 3, missing: 0 });
    expect(wrong(rows.map((row) => ({ ...row, room: 1 })))).toMatchObject({ unasked: 4, missing: 3 });
    expect(wrong([...rows, { id: '019b0000-0000-7000-8000-000000000001', room: 0, seq: 6 }])).toMatchObject({
      unasked: 1,
    });
    // what was not stored, but `unknown`, is no loss
    expect(wrong(rows.slice(0, 3))).toMatchObject({ missing: 0, undelivered: 2 });
  });

  it('[G2] [M9] notices what was stored though refused, and what one sender said in another order', () => {
    const book = ledger();
    const ids = [0, 0, 0].map((client) => book.next(client, 0, 0).id);
    book.answer(0, 1, false, '431[{"ok":false,"error":{"code":"overloaded"}}]', 1);
    book.answer(0, 2, true, acked(2, 8), 1);
    book.answer(0, 3, true, acked(3, 7), 1);
    const rows = [9, 8, 7].map((seq, i) => ({ id: ids[i] as string, room: 0, seq }));
    expect(book.balance(rows)).toMatchObject({ unasked: 1, unordered: 1 });
  });

  it('[G2] has a message sent again under its number and id by whoever got no answer', () => {
    const book = ledger();
    const [, second] = [book.next(2, 5, 5), book.next(2, 6, 6)];
    book.answer(2, 1, true, acked(1, 7), 7);
    expect(book.unanswered(2)).toEqual([second]);
  });

  it('[G2] counts refusals by their code, and no time for them', () => {
    const book = ledger();
    book.next(3, 0, 0);
    book.answer(3, 1, false, '431[{"ok":false,"error":{"code":"overloaded","retryAfterMs":5}}]', 1);
    expect(book).toMatchObject({ acked: 0, refused: 1, refusals: { overloaded: 1 } });
    expect(book.acks.count).toBe(0);
    expect(book.refusedBySecond).toEqual([1]);
  });
});
