import { describe, expect, it } from 'vitest';
import { TokenBuckets } from './token-buckets.js';

describe('token buckets of a node', () => {
  it('[L2] give a burst at once, then the sustained rate, and say how long to wait', () => {
    let now = 0;
    const buckets = new TokenBuckets(10, () => now);
    const take = (): number => buckets.take('ann', { perSecond: 10, burst: 3 });
    expect([take(), take(), take(), take()]).toEqual([0, 0, 0, 100]);
    now = 100;
    expect([take(), take()]).toEqual([0, 100]);
    now = 10_000;
    expect([take(), take(), take(), take()]).toEqual([0, 0, 0, 100]);
  });

  it('[L2] keep no more buckets than they may', () => {
    const buckets = new TokenBuckets(2, () => 0);
    for (const name of ['a', 'b', 'c']) buckets.take(name, { perSecond: 1, burst: 1 });
    expect(buckets.take('a', { perSecond: 1, burst: 1 })).toBe(0);
    expect(buckets.take('c', { perSecond: 1, burst: 1 })).toBe(1_000);
  });
});
