import { describe, expect, it } from 'vitest';
import { Ledger } from './ledger.ts';

const entry = (seq: number, id: string): string =>
  `{"kind":"message","roomId":"r","seq":${seq},"ordinal":1,"id":"${id}"}`;
const frame = (...entries: string[]): string => `42["room:entries",{"roomId":"r","entries":[${entries.join()}]}]`;
const acked = (number: number, seq: number): string => `43${number}[{"ok":true,"data":{"seq":${seq}}}]`;

/** Four clients in two rooms. */
const ledger = (): Ledger => new Ledger({ clients: 4, perClient: 3, roomOf: (client) => Math.floor(client / 2) });

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
    expect(book.unseen()).toBe(0);
    expect([book.acks.summary().max, book.deliveries.summary().max, book.lag.summary().max]).toEqual([10, 520, 4]);
    expect(book.acks.countOf(1)).toBe(2);
  });

  it('[G2] notices what is answered twice, at two places, not shown to its sender, or from somewhere else', () => {
    const book = ledger();
    const one = book.next(0, 0, 0);
    const two = book.next(0, 0, 0);
    book.answer(0, 1, true, acked(1, 7), 1);
    book.answer(0, 1, true, acked(1, 7), 1);
    book.answer(0, 2, true, acked(2, 8), 1);
    expect(book.unseen()).toBe(2);
    book.show(0, frame(entry(9, one.id)), 2);
    book.show(2, frame(entry(8, two.id)), 2);
    book.show(0, frame(entry(8, '019b0000-0000-7000-8000-000000000001')), 2);
    expect(book.faults).toEqual({ answeredTwice: 1, misplaced: 1, strange: 2 });
    expect(book.unseen()).toBe(2);
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
