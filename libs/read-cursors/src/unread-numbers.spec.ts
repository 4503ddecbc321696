import type { UserId } from '@maru/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Said, unreadNumbers } from './unread-numbers.js';

/** What the number means: members other than the sender whose cursor is below the message. */
const naive = (messages: readonly Said[], cursors: ReadonlyMap<UserId, number>): number[] =>
  messages.map(({ seq, senderId }) => [...cursors].filter(([id, cursor]) => id !== senderId && cursor < seq).length);

const people = Array.from({ length: 12 }, (_, i) => `person ${i}` as UserId);
const person = fc.constantFrom(...people);

describe('unread numbers', () => {
  it('[U3] are what counting one by one gives, for any page and any cursors', () => {
    const page = fc
      .uniqueArray(fc.integer({ min: 1, max: 120 }), { maxLength: 60, size: 'max' })
      .chain((seqs) =>
        fc.tuple(
          ...seqs.toSorted((a, b) => a - b).map((seq) => fc.record({ seq: fc.constant(seq), senderId: person })),
        ),
      );
    const cursors = fc
      .array(fc.tuple(person, fc.integer({ min: 0, max: 140 })), { size: 'max', maxLength: 12 })
      .map((entries) => new Map(entries));
    fc.assert(
      fc.property(page, cursors, (messages, read) => {
        expect(unreadNumbers(messages as Said[], read)).toEqual(naive(messages as Said[], read));
      }),
      { numRuns: 2_000 },
    );
  });

  it('[U3] of no messages are none', () => {
    expect(unreadNumbers([], new Map([['a' as UserId, 1]]))).toEqual([]);
  });
});
