import { describe, expect, it } from 'vitest';
import { Slices } from './slices.js';

/** Keeps the thread for longer than a slice. */
function spin(): void {
  const end = performance.now() + 2;
  while (performance.now() < end);
}

describe('work in slices', () => {
  it('keeps its order, and lets what else is due go between', async () => {
    const done: string[] = [];
    const slices = new Slices<number>((item) => {
      spin();
      done.push(`${item}`);
    });
    for (let item = 0; item < 10; item++) slices.add(item);
    setImmediate(() => done.push('other'));
    expect(done).toEqual([]);
    await slices.idle();
    expect(done.filter((item) => item !== 'other')).toEqual(Array.from({ length: 10 }, (_, item) => `${item}`));
    expect(done.indexOf('other')).toBeLessThan(done.indexOf('9'));
  });

  it('takes what comes while it works', async () => {
    const done: number[] = [];
    const slices = new Slices<number>((item) => {
      done.push(item);
      if (item < 5) slices.add(item + 1);
    });
    slices.add(0);
    await slices.idle();
    expect(done).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
