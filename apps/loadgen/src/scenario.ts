import { join } from 'node:path';
import { HOME, type TopologyOptions } from '@maru/stack';
import { CHAT, chat, type ChatOptions, type ChatResult } from './chat.ts';
import { say } from './load.ts';
import { report } from './report.ts';
import { onTarget, onTopology, targetOf } from './target.ts';

/** What can be said on the command line; a scenario takes what it understands. */
export interface Given {
  clients?: number;
  seconds?: number;
  rounds?: number;
  viewers?: number;
  /** Messages of each client a second. */
  rate?: number;
  ramp?: number;
  warmUp?: number;
  /** A running system instead of one of our own. */
  url?: string;
  baseline?: string;
  keep?: boolean;
}

/** One run of people who chat, with its report. The process fails if it is a regression. */
export async function chatScenario(
  scenario: string,
  given: Given,
  shape: Partial<ChatOptions> = {},
  topology: Partial<TopologyOptions> = {},
): Promise<ChatResult> {
  const options = shaped(given, shape);
  say(
    `${scenario}: ${options.clients} people in rooms of ${options.roomSize}, ${Number((options.clients * options.perSecond).toFixed(2))} messages/s for ${options.seconds} s`,
  );
  const result = await onTarget(given.url, topology, (target) => chat(target, options));
  const regression = report(result, {
    scenario,
    folder: join(HOME, 'load'),
    baseline: given.baseline,
    keep: given.keep ?? false,
  });
  if (regression) process.exitCode = 1;
  return result;
}

/** The same without a report, on a system of its own. */
export const chatOn = (topology: Partial<TopologyOptions>, options: ChatOptions): Promise<ChatResult> =>
  onTopology(topology, (started) => chat(targetOf(started), options));

export const shaped = (
  { clients, seconds, rate, ramp, warmUp }: Given,
  shape: Partial<ChatOptions> = {},
): ChatOptions => ({
  ...CHAT,
  ...shape,
  ...(clients === undefined ? {} : { clients }),
  ...(seconds === undefined ? {} : { seconds }),
  ...(rate === undefined ? {} : { perSecond: rate }),
  ...(ramp === undefined ? {} : { rampSeconds: ramp }),
  ...(warmUp === undefined ? {} : { warmUpSeconds: warmUp }),
});
