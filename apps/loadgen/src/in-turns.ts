import type { ChatResult } from './chat.ts';
import { percentile, say } from './load.ts';

export interface Figure {
  of: (result: ChatResult) => number | null;
  unit: string;
}

export const CPU_PER_DELIVERY: Figure = {
  of: ({ serverMicrosPerDelivery }) => serverMicrosPerDelivery,
  unit: 'us of CPU a delivery',
};

/** Runs each way once a round, so that the machine's moods meet all. Returns the median of the figure for each. */
export async function inTurns<Name extends string>(
  rounds: number,
  ways: Record<Name, () => Promise<ChatResult>>,
  { of, unit }: Figure,
): Promise<Record<Name, number>> {
  const names = Object.keys(ways) as Name[];
  const figures = new Map<Name, number[]>(names.map((name) => [name, []]));
  const width = Math.max(...names.map(({ length }) => length));
  for (let round = 1; round <= rounds; round++) {
    for (const name of names) {
      const result = await ways[name]();
      const figure = of(result) ?? Number.NaN;
      figures.get(name)?.push(figure);
      const cpu = Object.entries(result.cpu).map(([process, share]) => `${process} ${share}`);
      say(
        `round ${round}  ${name.padEnd(width)}  ${figure} ${unit}; ack p50 ${result.ack.p50} p99 ${result.ack.p99} ms; CPU % ${cpu.join(', ')}${result.clean ? '' : '; NOT CLEAN'}`,
      );
    }
  }
  const medians = names.map((name) => [name, percentile(figures.get(name) ?? [], 0.5)] as const);
  return Object.fromEntries(medians) as Record<Name, number>;
}

export const sayRatio = (what: string, figures: Record<string, number>, over: string, under: string): void =>
  say(`${over} / ${under}, ${what}: ${((figures[over] ?? Number.NaN) / (figures[under] ?? Number.NaN)).toFixed(2)}`);
