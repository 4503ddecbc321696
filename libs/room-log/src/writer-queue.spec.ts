import type { MessageId, RoomId, UserId } from '@maru/contract';
import { describe, expect, it } from 'vitest';
import { NewMessage, type Rights } from './log-types.js';
import { type Job, WriterQueue } from './writer-queue.js';

const [a, b] = ['a', 'b'] as RoomId[] as [RoomId, RoomId];
const RIGHTS: Rights = { epoch: 1, joinedSeq: 0, role: 'member', hiddenUpTo: 0, slowModeSeconds: 0 };
const fill = (queue: WriterQueue, ...rooms: RoomId[]): Job[] =>
  rooms.map((roomId, i) => queue.add(new NewMessage(roomId, '' as UserId, `${i}` as MessageId, 'x'), '', RIGHTS));
const never = (): boolean => false;

describe('the writer’s queue', () => {
  it('[M5] is full at its bound', () => {
    const queue = new WriterQueue(3);
    fill(queue, a, a);
    expect(queue.full()).toBe(false);
    fill(queue, a);
    expect(queue.full()).toBe(true);
    queue.take(1, 1e6, never);
    expect(queue.full()).toBe(false);
  });

  it('[R5] parks the whole rest of a room from its first stale message on, and lets it go on in order', () => {
    const queue = new WriterQueue();
    const jobs = fill(queue, a, b, a, b, a);
    const { jobs: taken, stale } = queue.take(10, 1e6, (job) => job === jobs[2]);
    expect(taken).toEqual([jobs[0], jobs[1], jobs[3]]);
    expect([...stale]).toEqual([a]);
    queue.parkFirst(a, [jobs[0] as Job]);
    expect(queue.parked(a)).toEqual([jobs[0], jobs[2], jobs[4]]);
    expect(queue.unpark(a, (job) => job !== jobs[2])).toEqual([jobs[2]]);
    expect(queue.take(10, 1e6, never).jobs).toEqual([jobs[0], jobs[4]]);
    expect(queue.size).toBe(0);
  });

  it('[M8] sends a suspected message alone', () => {
    const queue = new WriterQueue();
    const jobs = fill(queue, a, a, a);
    (jobs[1] as Job).alone = true;
    const batches = [1, 2, 3].map(() => queue.take(10, 1e6, never).jobs);
    expect(batches).toEqual([[jobs[0]], [jobs[1]], [jobs[2]]]);
  });
});
