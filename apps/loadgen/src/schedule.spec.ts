import { describe, expect, it } from 'vitest';
import { schedule } from './schedule.ts';

describe('the schedule', () => {
  it('[G1] lets each client send at its rate, in order of time, from when it is there', () => {
    const startsAt = (client: number): number => client * 100;
    const due = [...schedule({ clients: 10, perSecond: 2, startsAt, endsAt: 3_000 })];
    expect(due.every(({ at }, i) => i === 0 || at > (due[i - 1]?.at ?? 0))).toBe(true);
    for (let client = 0; client < 10; client++) {
      const times = due.filter((one) => one.client === client).map(({ at }) => at);
      expect(times[0]).toBeGreaterThanOrEqual(startsAt(client));
      expect(times.length).toBe(Math.ceil((3_000 - (times[0] ?? 0)) / 500));
      expect(times.slice(1).every((at, i) => Math.abs(at - (times[i] ?? 0) - 500) < 1e-6)).toBe(true);
    }
  });
});
