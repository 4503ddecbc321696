import {
  type Change,
  type Entry,
  type Message,
  messageAfter,
  type MessageId,
  type RoomId,
  type UserId,
} from '@maru/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HistoryCache } from './history-cache.js';
import type { HistoryRange } from './history-window.js';
import type { Page } from './log.repository.js';

const roomId = 'room' as RoomId;
const NO_END = Number.MAX_SAFE_INTEGER;

/** A log in memory that answers pages as the database would, and counts how often it is asked. */
class Log {
  readonly entries: Entry[] = [];
  reads = 0;

  get head(): number {
    return this.entries.length;
  }

  say(): Entry {
    const seq = this.head + 1;
    const place = { roomId, seq, ordinal: seq, createdAt: seq };
    const entry: Message = {
      kind: 'message',
      ...place,
      id: `${seq}` as MessageId,
      senderId: 'ann' as UserId,
      text: `${seq}`,
    };
    this.entries.push(entry);
    return entry;
  }

  change(targetSeq: number, change: Change): Entry {
    const seq = this.head + 1;
    const place = { roomId, seq, ordinal: seq, createdAt: seq };
    const entry: Entry = { kind: 'change', ...place, targetSeq, actorId: 'ann' as UserId, change };
    this.entries.push(entry);
    return entry;
  }

  pageNow({ after, before, limit, newestFirst }: HistoryRange): Page {
    const changes = this.entries.filter((entry) => entry.kind === 'change');
    const all = this.entries
      .filter((entry) => entry.kind === 'message')
      .filter(({ seq }) => seq > after && seq < before)
      .map((message) => changes.reduce<Message>(messageAfter, message));
    const entries = newestFirst ? all.slice(-limit) : all.slice(0, limit);
    const full = entries.length === limit;
    const from = newestFirst && full ? (entries[0]?.seq ?? 1) : after + 1;
    const last = entries.at(-1)?.seq ?? after;
    return { entries, from, to: newestFirst || !full ? Math.max(last, Math.min(before - 1, this.head)) : last };
  }

  async page(_room: RoomId, range: HistoryRange): Promise<Page> {
    this.reads++;
    return this.pageNow(range);
  }
}

const move = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ do: 'say' as const }) },
  fc.record({ do: fc.constant('edit' as const), back: fc.nat(6) }),
  fc.record({ do: fc.constant('delete' as const), back: fc.nat(6) }),
  // an entry that this node never takes
  fc.constant({ do: 'lose' as const }),
  // several that were committed here, told before their turn, and one of them twice
  fc.constant({ do: 'commit' as const }),
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      limit: fc.integer({ min: 1, max: 8 }),
      back: fc.nat(20),
      newestFirst: fc.boolean(),
      from: fc.nat(10),
    }),
  },
);

const newestOf = ({ head }: Log, historyEpoch = 1): HistoryRange => ({
  after: 0,
  before: NO_END,
  limit: 50,
  newestFirst: true,
  asNewAs: head,
  head,
  historyEpoch,
});

describe('the history cache', () => {
  it('[M10] answers what the log answers, whatever was appended, changed or lost in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 150, size: 'max' }), async (moves) => {
        const log = new Log();
        const cache = new HistoryCache(log, 0);
        const target = (back: number): number => Math.max(1, log.head - back);
        for (const one of moves) {
          if (one.do === 'say') cache.append(roomId, log.say());
          else if (one.do === 'lose') log.say();
          else if (one.do === 'commit') {
            const entries = [log.say(), log.say()];
            cache.extend(roomId, entries);
            entries.forEach((entry) => cache.append(roomId, entry));
          } else if (one.do === 'edit') {
            cache.append(roomId, log.change(target(one.back), { type: 'edited', text: `at ${log.head}`, editedAt: 1 }));
          } else if (one.do === 'delete') cache.append(roomId, log.change(target(one.back), { type: 'deleted' }));
          else {
            const before = one.back === 0 ? NO_END : Math.max(1, log.head + 1 - one.back);
            const { limit, newestFirst } = one;
            const asOf = { asNewAs: log.head, head: log.head, historyEpoch: 1 };
            const range = { after: one.from, before, limit, newestFirst, ...asOf };
            expect(await cache.page(roomId, range)).toEqual(log.pageNow(range).entries);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('[M10] asks once for a room that is read all the time, and once for many who ask at the same time', async () => {
    const log = new Log();
    for (let i = 0; i < 60; i++) log.say();
    const cache = new HistoryCache(log);
    const newest = () => cache.page(roomId, newestOf(log));
    await Promise.all(Array.from({ length: 100 }, newest));
    for (let i = 0; i < 200; i++) {
      cache.append(roomId, log.say());
      expect((await newest()).at(-1)?.seq).toBe(log.head);
    }
    expect(log.reads).toBe(1);
  });

  it('[M10] waits a moment for what the primary has and this node is about to take', async () => {
    const log = new Log();
    const cache = new HistoryCache(log);
    await cache.page(roomId, newestOf(log));
    cache.append(roomId, log.say());
    const entries = [log.say(), log.say()];
    const page = cache.page(roomId, newestOf(log));
    cache.extend(roomId, entries);
    expect((await page).at(-1)?.seq).toBe(3);
    expect(log.reads).toBe(1);
    // what was lost on the way does not come: it is read
    log.say();
    expect((await cache.page(roomId, newestOf(log))).at(-1)?.seq).toBe(4);
    expect(log.reads).toBe(2);
  });

  it('[D7] shows nothing of a history that was replaced', async () => {
    const [before, after] = [new Log(), new Log()];
    for (let i = 0; i < 100; i++) before.say();
    for (let i = 0; i < 95; i++) after.say();
    after.change(95, { type: 'edited', text: 'another story', editedAt: 1 });
    const logs = [before, after];
    const cache = new HistoryCache({ page: (room, range) => (logs[range.historyEpoch - 1] as Log).page(room, range) });
    await cache.page(roomId, newestOf(before));
    expect((await cache.page(roomId, newestOf(after, 2))).at(-1)).toMatchObject({ seq: 95, text: 'another story' });
  });

  it('[M14] shows no deleted text, however old a page is good enough', async () => {
    const log = new Log();
    for (let i = 0; i < 10; i++) log.say();
    const cache = new HistoryCache(log);
    await cache.page(roomId, newestOf(log));
    log.change(5, { type: 'deleted' });
    const page = await cache.page(roomId, { ...newestOf(log), asNewAs: 1 });
    expect(page.find(({ seq }) => seq === 5)).toMatchObject({ text: null });
  });
});
