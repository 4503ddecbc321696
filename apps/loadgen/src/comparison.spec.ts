import { describe, expect, it } from 'vitest';
import type { ChatResult } from './chat.ts';
import { compare, isRegression } from './comparison.ts';

const result = (p99: number, rest: Partial<ChatResult> = {}): ChatResult =>
  ({
    clean: true,
    ackedPerSecond: 3_000,
    ack: { p50: 10, p99 },
    delivery: { p50: 12, p99: 50 },
    serverMicrosPerDelivery: null,
    ...rest,
  }) as ChatResult;

describe('the comparison with a baseline', () => {
  it('[G3] says regression where a figure is worse by more than noise, or anything was lost', () => {
    const before = result(40);
    const verdict = (now: ChatResult): boolean => isRegression(compare(before, now), now);
    expect(verdict(result(50))).toBe(false);
    expect(verdict(result(20))).toBe(false);
    expect(verdict(result(90))).toBe(true);
    expect(verdict(result(40, { ackedPerSecond: 2_000 }))).toBe(true);
    expect(verdict(result(40, { clean: false }))).toBe(true);
  });

  it('[G3] leaves out what one of both does not have', () => {
    const names = compare(result(40), result(40, { serverMicrosPerDelivery: 20 })).map(({ name }) => name);
    expect(names).not.toContain('server CPU a delivery');
    expect(names).toContain('ack p99');
  });
});
