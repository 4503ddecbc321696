import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Latencies } from './latencies.ts';

describe('latencies', () => {
  it('[G1] tell quantiles as sorting would, off by no more than 1 %', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 300 }),
        fc.constantFrom(0.5, 0.95, 0.99, 1),
        (times, share) => {
          const latencies = new Latencies();
          times.forEach((ms, i) => latencies.record(i % 3, ms));
          const exact = times.toSorted((a, b) => a - b)[Math.ceil(times.length * share) - 1] as number;
          expect(Math.abs((latencies.quantile(share) as number) / exact - 1)).toBeLessThan(0.0101);
          expect(latencies.countOf(0) + latencies.countOf(1) + latencies.countOf(2)).toBe(times.length);
        },
      ),
    );
  });
});
