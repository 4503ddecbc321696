import { describe, expect, it } from 'vitest';
import type { ChatResult } from './chat.ts';
import { compare, difference, isRegression } from './comparison.ts';

const result = (p99: number, rest: Partial<ChatResult> = {}): ChatResult =>
  ({
    clean: true,
    sent: 9,
    acked: 9,
    options: { clients: 40 },
    machine: { processor: 'a', node: 'v24' },
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
    expect(verdict(result(40, { acked: 8 }))).toBe(true);
  });

  it('[G3] names what makes two runs incomparable', () => {
    expect(difference(result(40), result(90, { machine: { processor: 'a', node: 'v25' } }))).toBe('');
    const other = { options: { clients: 9 }, machine: { processor: 'b' } } as unknown as Partial<ChatResult>;
    expect(difference(result(40), result(40, other))).toBe('clients 40 -> 9, processor "a" -> "b"');
  });

  it('[G3] leaves out what one of both does not have', () => {
    const names = compare(result(40), result(40, { serverMicrosPerDelivery: 20 })).map(({ name }) => name);
    expect(names).not.toContain('server CPU a delivery');
    expect(names).toContain('ack p99');
  });
});
