import { uuidv7 } from 'uuidv7';
import type { UserId } from '@maru/contract';
import { type Said, unreadNumbers } from '@maru/read-cursors';
import { median, say } from '../load.ts';

const MEMBERS = 10_000;
const MESSAGES = 100;
const WARM_UP = 5;

/** What the number means, counted one by one. */
const naive = (messages: readonly Said[], cursors: ReadonlyMap<UserId, number>): number[] =>
  messages.map(({ seq, senderId }) => {
    let unread = 0;
    for (const [id, cursor] of cursors) if (cursor < seq && id !== senderId) unread++;
    return unread;
  });

/** The unread numbers of a page by one prefix sum, against counting for each message. */
export async function prefixSum({ rounds = 50 }): Promise<void> {
  const people = Array.from({ length: MEMBERS }, () => uuidv7() as UserId);
  const messages = Array.from({ length: MESSAGES }, (_, i) => ({
    seq: 1_000 + i,
    senderId: people[(i * 7919) % MEMBERS] as UserId,
  }));
  const cursors = new Map(people.map((id, i) => [id, 950 + ((i * 31) % 200)]));
  if (JSON.stringify(naive(messages, cursors)) !== JSON.stringify(unreadNumbers(messages, cursors))) {
    throw new Error('the two do not agree');
  }
  const times = { naive: [] as number[], 'prefix sum': [] as number[] };
  for (let round = 0; round < rounds + WARM_UP; round++) {
    for (const [name, count] of Object.entries({ naive, 'prefix sum': unreadNumbers })) {
      const started = performance.now();
      count(messages, cursors);
      if (round >= WARM_UP) times[name as keyof typeof times].push(performance.now() - started);
    }
  }
  const [one, other] = [median(times.naive), median(times['prefix sum'])];
  say(`${MEMBERS} members x ${MESSAGES} messages: naive ${one.toFixed(2)} ms, prefix sum ${other.toFixed(2)} ms`);
  say(`naive / prefix sum: ${(one / other).toFixed(1)}`);
}
