import type { ChatResult } from './chat.ts';
import { wrongText } from './audit.ts';
import { isWhole } from './comparison.ts';
import { rounded } from './latencies.ts';
import { cpuText, median, say } from './load.ts';

/** One number of a run, to be compared. */
export interface Figure {
  of: (result: ChatResult) => number | null;
  unit: string;
}

export const CPU_PER_DELIVERY: Figure = {
  of: ({ serverMicrosPerDelivery }) => serverMicrosPerDelivery,
  unit: 'us of CPU a delivery',
};

export const ACK_P50: Figure = { of: ({ ack }) => ack.p50, unit: 'ms to the acknowledgement, p50' };
export const ACK_P99: Figure = { of: ({ ack }) => ack.p99, unit: 'ms to the acknowledgement, p99' };

/** Of nodes and engines together. */
export const ALL_CPU_PER_MESSAGE: Figure = {
  of: ({ cpu, ackedPerSecond }) => {
    const { generator: _generator, others: _others, ...system } = cpu;
    const percent = Object.values(system).reduce((sum, share) => sum + share, 0);
    return rounded((percent * 10_000) / ackedPerSecond, 0);
  },
  unit: 'us of CPU of nodes and engines a message',
};

export type Runs<Name extends string> = Record<Name, ChatResult[]>;

/** Runs each way once a round, so that the machine's moods meet all, and says the figure of each run. */
export async function inTurns<Name extends string>(
  rounds: number,
  ways: Record<Name, () => Promise<ChatResult>>,
  { of, unit }: Figure,
): Promise<Runs<Name>> {
  const names = Object.keys(ways) as Name[];
  const runs = Object.fromEntries(names.map((name) => [name, [] as ChatResult[]])) as Runs<Name>;
  const width = Math.max(...names.map(({ length }) => length));
  for (let round = 1; round <= rounds; round++) {
    for (const name of names) {
      const result = await ways[name]();
      runs[name].push(result);
      say(
        `round ${round}  ${name.padEnd(width)}  ${of(result)} ${unit}; ack p50 ${result.ack.p50} p99 ${result.ack.p99} ms; CPU % ${cpuText(result.cpu)}${isWhole(result) ? '' : `; NOT CLEAN or not all acknowledged: ${wrongText(result.audit)}`}`,
      );
    }
  }
  return runs;
}

/** Says by how much the medians of a figure differ between two of these ways; fails if a run was not what it was to be. */
export function sayRatio<Name extends string>(runs: Runs<Name>, { of, unit }: Figure, over: Name, under: Name): void {
  const middle = (name: Name): number => median(runs[name].map((result) => of(result) ?? Number.NaN));
  const isFair = [...runs[over], ...runs[under]].every(isWhole);
  if (!isFair) process.exitCode = 1;
  const ratio = isFair ? (middle(over) / middle(under)).toFixed(2) : 'none, because not every run was clean';
  say(`${over} / ${under}, ${unit}: ${ratio}`);
}
