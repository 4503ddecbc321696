import { parseArgs } from 'node:util';
import { say } from './load.ts';
import type { Given } from './scenario.ts';
import { bigRoom } from './scenarios/big-room.ts';
import { consumers } from './scenarios/consumers.ts';
import { durability, framework } from './scenarios/costs.ts';
import { bareLog, fanOut } from './scenarios/fan-out.ts';
import { everything, headline, rampUp, readMix } from './scenarios/headline.ts';
import { idle } from './scenarios/idle.ts';
import { knee } from './scenarios/knee.ts';
import { history, roomList } from './scenarios/pages.ts';
import { prefixSum } from './scenarios/prefix-sum.ts';
import { reconnect } from './scenarios/reconnect.ts';
import { slowDisk } from './scenarios/slow-disk.ts';
import { storm } from './scenarios/storm.ts';
import { twoNodes } from './scenarios/two-nodes.ts';

const scenarios: Record<string, (given: Given) => Promise<void> | void> = {
  headline,
  'ramp-up': rampUp,
  'read-mix': readMix,
  everything,
  'slow-disk': slowDisk,
  knee,
  'fan-out': fanOut,
  'bare-log': bareLog,
  durability,
  framework,
  idle,
  storm,
  reconnect,
  'big-room': bigRoom,
  'two-nodes': twoNodes,
  'room-list': roomList,
  history,
  consumers,
  'prefix-sum': prefixSum,
};
/** What can be changed, from what to what: a run ends, and takes no more than a machine has. All but the rate are whole. */
const RANGES = {
  clients: [1, 50_000],
  seconds: [1, 3_600],
  rate: [0.001, 1_000],
  ramp: [0, 3_600],
  warmUp: [0, 600],
  rounds: [1, 100],
  viewers: [1, 50_000],
} as const;
const NUMBERS = Object.keys(RANGES) as (keyof typeof RANGES)[];
const USAGE = `npm run load -- [scenario] ${NUMBERS.map((name) => `[--${name} n]`).join(' ')} [--url address] [--baseline report.json] [--keep]
scenarios: ${Object.keys(scenarios).join(', ')}`;

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...Object.fromEntries(NUMBERS.map((name) => [name, { type: 'string' as const }])),
      url: { type: 'string' },
      baseline: { type: 'string' },
      keep: { type: 'boolean' },
    },
  });
  const [name = 'headline'] = positionals;
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  const numbers = NUMBERS.flatMap((key) => {
    const text = (values as Record<string, string | undefined>)[key];
    if (text === undefined) return [];
    const [value, [least, most]] = [Number(text), RANGES[key]];
    const isOne = text.trim() !== '' && value >= least && value <= most && (key === 'rate' || Number.isInteger(value));
    if (!isOne)
      throw new Error(`--${key} takes a ${key === 'rate' ? '' : 'whole '}number from ${least} to ${most}, not ${text}`);
    return [[key, value] as const];
  });
  const { url, baseline, keep } = values;
  await scenario({
    ...Object.fromEntries(numbers),
    ...(url ? { url } : {}),
    ...(baseline ? { baseline } : {}),
    keep: keep ?? false,
  });
} catch (error) {
  say(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 1;
}
process.exit();
