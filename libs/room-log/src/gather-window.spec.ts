import { describe, expect, it } from 'vitest';
import { GatherWindow } from './gather-window.js';

/** What entries wait in the second second of a room with this many entries a second. */
function waits(rate: number, pressure: number): number[] {
  const window = new GatherWindow(() => pressure);
  const moments = Array.from({ length: 2 * rate }, (_, i) => 10_000 + (i * 1_000) / rate);
  return moments.map((now) => window.after(1, now)).slice(rate);
}

describe('the time that entries wait for others', () => {
  it('[D9] is none in a room that is not busy, on a node that is not busy', () => {
    expect(new Set(waits(10, 0))).toEqual(new Set([0]));
    expect(new Set(waits(39, 0))).toEqual(new Set([0]));
  });

  it('[D9] is at most 50 ms in a busy room, and shorter the more there is to gather', () => {
    for (const wait of waits(41, 0)) expect(wait).toBeGreaterThan(40);
    for (const wait of waits(41, 0)) expect(wait).toBeLessThanOrEqual(50);
    for (const wait of waits(200, 0)) expect(wait).toBeCloseTo(10);
  });

  it('[D9] grows with the pressure on a busy node to 50 ms', () => {
    expect(waits(10, 0.2)[0]).toBeCloseTo(2);
    expect(waits(10, 0.5)[0]).toBeCloseTo(12.5);
    expect(waits(10, 1)[0]).toBe(50);
    expect(waits(1_000, 1)[0]).toBe(50);
  });
});
