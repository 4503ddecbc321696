import type { UserId } from '@maru/contract';

export interface Said {
  seq: number;
  senderId: UserId;
}

/**
 * How many of the members have not read each message: those whose cursor is below it, its sender aside. One difference
 * array over the seqs of the page and one prefix sum (https://en.wikipedia.org/wiki/Prefix_sum): O(members + page).
 * Messages come in ascending seq; answers come in their order.
 */
export function unreadNumbers(messages: readonly Said[], cursors: ReadonlyMap<UserId, number>): number[] {
  const [first, last] = [messages[0], messages.at(-1)];
  if (first === undefined || last === undefined) return [];
  // begins[i]: members for whom the message at seq first + i is the first one unread
  const begins = new Uint32Array(last.seq - first.seq + 1);
  for (const cursor of cursors.values()) {
    const place = Math.max(cursor + 1 - first.seq, 0);
    if (place < begins.length) begins[place] = (begins[place] ?? 0) + 1;
  }
  let unread = 0;
  let place = 0;
  return messages.map(({ seq, senderId }) => {
    for (; place <= seq - first.seq; place++) unread += begins[place] ?? 0;
    const own = cursors.get(senderId);
    return own !== undefined && own < seq ? unread - 1 : unread;
  });
}
