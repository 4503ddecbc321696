import type { ChatResult } from './chat.ts';

interface Figure {
  name: string;
  unit: string;
  of: (result: ChatResult) => number | null;
  better: 'more' | 'less';
  /** What runs on one machine differ by without a reason; smaller differences say nothing. */
  noise: { share: number; atLeast: number };
}

/** Shares of a core are steadier than times: a machine's moods show in tails first. */
const FIGURES: readonly Figure[] = [
  {
    name: 'acknowledged a second',
    unit: '/s',
    of: (r) => r.ackedPerSecond,
    better: 'more',
    noise: { share: 0.03, atLeast: 10 },
  },
  { name: 'ack p50', unit: 'ms', of: (r) => r.ack.p50, better: 'less', noise: { share: 0.3, atLeast: 2 } },
  { name: 'ack p99', unit: 'ms', of: (r) => r.ack.p99, better: 'less', noise: { share: 0.5, atLeast: 15 } },
  { name: 'delivery p50', unit: 'ms', of: (r) => r.delivery.p50, better: 'less', noise: { share: 0.3, atLeast: 2 } },
  { name: 'delivery p99', unit: 'ms', of: (r) => r.delivery.p99, better: 'less', noise: { share: 0.5, atLeast: 15 } },
  {
    name: 'server CPU a delivery',
    unit: 'us',
    of: (r) => r.serverMicrosPerDelivery,
    better: 'less',
    noise: { share: 0.15, atLeast: 1 },
  },
];

export interface Compared {
  name: string;
  unit: string;
  before: number;
  now: number;
  verdict: 'same' | 'better' | 'worse';
}

/** Holds a run against an earlier one of the same shape, figure by figure; what either does not have is left out. */
export function compare(before: ChatResult, now: ChatResult): Compared[] {
  return FIGURES.flatMap(({ name, unit, of, better, noise }) => {
    const [old, current] = [of(before), of(now)];
    if (old === null || current === null) return [];
    const gained = better === 'more' ? current - old : old - current;
    const within = Math.abs(gained) <= Math.max(noise.atLeast, noise.share * Math.abs(old));
    const verdict = within ? 'same' : gained > 0 ? 'better' : 'worse';
    return [{ name, unit, before: old, now: current, verdict } as const];
  });
}

/** Everything that was due was acknowledged, and nothing lost, doubled or mixed up. */
export const isWhole = ({ clean, acked, sent }: ChatResult): boolean => clean && acked === sent;

/** A run that lost, doubled, mixed up or refused anything is a regression whatever its times are. */
export const isRegression = (compared: readonly Compared[], now: ChatResult): boolean =>
  !isWhole(now) || compared.some(({ verdict }) => verdict === 'worse');

/** In what two runs differ that makes their figures incomparable, to be read; empty where they may be compared. */
export function difference(before: ChatResult, now: ChatResult): string {
  const shape = ({ options, machine }: ChatResult): Record<string, unknown> => ({
    ...options,
    processor: machine['processor'],
    memory: machine['memory'],
  });
  const [old, current] = [shape(before), shape(now)];
  return Object.keys({ ...old, ...current })
    .filter((name) => JSON.stringify(old[name]) !== JSON.stringify(current[name]))
    .map((name) => `${name} ${JSON.stringify(old[name])} -> ${JSON.stringify(current[name])}`)
    .join(', ');
}
