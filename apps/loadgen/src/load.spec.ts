import { describe, expect, it } from 'vitest';
import { median, percentile } from './load.ts';

describe('figures of a few values', () => {
  it('[G1] are their median and their nearest rank', () => {
    expect([median([3, 1]), median([5, 1, 3]), median([4, 1, 2, 3])]).toEqual([2, 3, 2.5]);
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect([0.01, 0.5, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([1, 50, 99, 100]);
    expect(percentile([7], 0.5)).toBe(7);
  });
});
