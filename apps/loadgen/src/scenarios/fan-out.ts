import { besideBare } from '../bare.ts';
import { chat, type ChatResult } from '../chat.ts';
import { percentile, say } from '../load.ts';
import { type Given, shaped } from '../scenario.ts';
import { onTopology, type Target, targetOf } from '../target.ts';

/** What a delivery costs the server, against `ws` alone that stores, checks and limits nothing; in rounds that take turns. */
export async function fanOut({ rounds = 3, ...given }: Given): Promise<void> {
  const options = shaped({ seconds: 20, ...given });
  const costs: Record<'maru' | 'bare ws', number[]> = { maru: [], 'bare ws': [] };
  const note = (
    round: number,
    name: keyof typeof costs,
    { serverMicrosPerDelivery: cost, ack, cpu }: ChatResult,
  ): void => {
    costs[name].push(cost ?? Number.NaN);
    say(
      `round ${round}  ${name.padEnd(8)} ${cost} us of CPU a delivery, ${cpu['node-1']} % of a core, ack p50 ${ack.p50} p99 ${ack.p99} ms`,
    );
  };
  for (let round = 1; round <= rounds; round++) {
    note(round, 'maru', await onTopology({}, (topology) => chat(targetOf(topology), options)));
    note(
      round,
      'bare ws',
      await onTopology({}, (topology) => onBare(targetOf(topology), (target) => chat(target, options))),
    );
  }
  say(
    `maru / bare ws, CPU a delivery: ${(percentile(costs.maru, 0.5) / percentile(costs['bare ws'], 0.5)).toFixed(2)}`,
  );
}

/** The engines of the topology stay, for people's rows; the node is not used. */
const onBare = <T>(target: Target, work: (target: Target) => Promise<T>): Promise<T> =>
  besideBare('bare-ws.ts', {}, ({ url, pid }) => {
    const others = target.processes.filter(({ name }) => !name.startsWith('node-'));
    return work({ ...target, url, processes: [{ name: 'node-1', pid }, ...others], metricsUrls: [] });
  });
