import {
  type Entry,
  type MessageId,
  NUMBERS_MAX,
  type ReadRange,
  type RoomId,
  type UnreadNumbers,
  type UserId,
} from '@maru/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnreadCounts } from './unread-counts.js';

const roomId = 'room' as RoomId;
const people = Array.from({ length: 6 }, (_, i) => `person ${i}` as UserId);

/** A room as the server has it: its log, its members and their cursors, and every step with its version. */
class Room {
  readonly log: Entry[] = [];
  readonly cursors = new Map<UserId, number>();
  readonly steps: ReadRange[] = [];
  membersSeq = 0;

  get head(): number {
    return this.log.length;
  }

  enter(userId: UserId): void {
    if (this.cursors.has(userId)) return;
    this.tell('joined', userId);
    this.cursors.set(userId, this.head);
    this.steps.push({ version: this.steps.length + 1, userId, from: this.head, to: this.head });
  }

  leave(userId: UserId): void {
    const from = this.cursors.get(userId);
    if (from === undefined) return;
    this.tell('left', userId);
    this.cursors.delete(userId);
    this.steps.push({ version: this.steps.length + 1, userId, from, to: this.head });
  }

  say(senderId: UserId): void {
    if (!this.cursors.has(senderId)) return;
    this.log.push({
      kind: 'message',
      roomId,
      seq: this.head + 1,
      ordinal: this.head + 1,
      createdAt: 0,
      id: 'id' as MessageId,
      senderId,
      text: 'hello',
    });
  }

  read(userId: UserId, seq: number): void {
    const from = this.cursors.get(userId);
    const to = Math.min(seq, this.head);
    if (from === undefined || to <= from) return;
    this.cursors.set(userId, to);
    this.steps.push({ version: this.steps.length + 1, userId, from, to });
  }

  numbers(): [number, number][] {
    return this.log.flatMap((entry): [number, number][] => {
      if (entry.kind !== 'message') return [];
      const unread = [...this.cursors].filter(([id, cursor]) => id !== entry.senderId && cursor < entry.seq).length;
      return unread === 0 ? [] : [[entry.seq, unread]];
    });
  }

  snapshot(): UnreadNumbers {
    return {
      roomId,
      generation: 'one',
      version: this.steps.length,
      members: this.cursors.size,
      membersSeq: this.membersSeq,
      from: 1,
      to: this.head,
      numbers: this.numbers(),
    };
  }

  private tell(event: 'joined' | 'left', userId: UserId): void {
    const seq = this.head + 1;
    this.log.push({ kind: 'system', roomId, seq, ordinal: seq, createdAt: 0, event, userId, name: userId });
    this.membersSeq = seq;
  }
}

const who = fc.constantFrom(...people);
const move = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('say' as const), who }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('read' as const), who, back: fc.nat(4) }) },
  fc.record({ do: fc.constant('enter' as const), who }),
  fc.record({ do: fc.constant('leave' as const), who }),
  // what has happened so far reaches the one who looks: so many entries, and that step of those which have not
  { weight: 4, arbitrary: fc.record({ do: fc.constant('entries' as const), count: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('step' as const), which: fc.nat(5), twice: fc.boolean() }) },
  fc.record({ do: fc.constant('ask' as const), shared: fc.boolean() }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('answer' as const) }) },
);

describe('unread counts of a client', () => {
  it('[U5] end as the server counts, whatever order steps, messages and numbers arrive in', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 120, size: 'max' }), (moves) => {
        const room = new Room();
        people.slice(0, 3).forEach((userId) => room.enter(userId));
        const counts = new UnreadCounts();
        let seen = room.head;
        counts.start(room.snapshot(), room.log, []);
        let untold: ReadRange[] = [];
        let told = room.steps.length;
        let asked: UnreadNumbers | undefined;
        // the server may answer with what it read for somebody else a moment ago
        let shared = room.snapshot();
        const lately: { generation: string; version: number; ranges: ReadRange[] }[] = [];
        const step = (range: ReadRange): void => {
          lately.push({ generation: 'one', version: range.version, ranges: [range] });
          counts.apply('one', range.version, [range]);
        };
        const entries = (count: number): void => {
          counts.arrived(room.log.slice(seen, seen + count));
          seen = Math.min(seen + count, room.head);
        };
        const answer = (): void => {
          if (asked !== undefined) counts.start(asked, room.log.slice(0, seen), lately);
          asked = undefined;
        };
        for (const one of moves) {
          untold.push(...room.steps.slice(told));
          told = room.steps.length;
          if (one.do === 'say') room.say(one.who);
          else if (one.do === 'read') room.read(one.who, room.head - one.back);
          else if (one.do === 'enter') room.enter(one.who);
          else if (one.do === 'leave') room.leave(one.who);
          else if (one.do === 'entries') entries(one.count);
          else if (one.do === 'ask') asked ??= one.shared ? shared : (shared = room.snapshot());
          else if (one.do === 'answer') answer();
          else {
            const range = untold[one.which];
            if (range === undefined) continue;
            step(range);
            if (!one.twice) untold = untold.filter((other) => other !== range);
          }
        }
        answer();
        [...untold, ...room.steps.slice(told)].forEach(step);
        entries(room.head);
        expect([...counts.numbers].filter(([, unread]) => unread > 0).toSorted(([a], [b]) => a - b)).toEqual(
          room.numbers(),
        );
        expect([counts.members, counts.hasGap]).toEqual([room.cursors.size, false]);
      }),
      { numRuns: 3_000 },
    );
  });

  it('[U5] of a room that stays open for long are as many as the server tells of', () => {
    const room = new Room();
    people.forEach((userId) => room.enter(userId));
    const counts = new UnreadCounts();
    counts.start(room.snapshot(), room.log, []);
    for (let i = 0; i < 10_000; i++) {
      room.say(people[0]!);
      counts.arrived(room.log.slice(-1));
    }
    expect(counts.numbers.size).toBeLessThanOrEqual(2 * NUMBERS_MAX);
    const newest = room.numbers().slice(-NUMBERS_MAX);
    expect([...counts.numbers].slice(-NUMBERS_MAX)).toEqual(newest);
  });

  it('[U5] of another generation are not mixed with it', () => {
    const counts = new UnreadCounts();
    const room = new Room();
    people.forEach((userId) => room.enter(userId));
    room.say(people[0]!);
    counts.start(room.snapshot(), room.log, []);
    const before = counts.numbers;
    expect(counts.apply('two', 1, [{ version: 1, userId: people[1]!, from: 0, to: 99 }])).toBe(false);
    expect(counts.numbers).toBe(before);
    const late = { generation: 'two', version: 9, ranges: [{ version: 9, userId: people[1]!, from: 0, to: 99 }] };
    counts.start(room.snapshot(), room.log, [late]);
    expect(counts.numbers).toEqual(before);
  });
});
