import { besideBare } from '../bare.ts';
import { chat } from '../chat.ts';
import { CPU_PER_DELIVERY, inTurns, sayRatio } from '../in-turns.ts';
import { chatOn, type Given, shaped } from '../scenario.ts';
import { onTopology, type Target, targetOf } from '../target.ts';

/** What a delivery costs the server, against `ws` alone that stores, checks and limits nothing; in rounds that take turns. */
export async function fanOut({ rounds = 3, ...given }: Given): Promise<void> {
  const options = shaped(given, { seconds: 20 });
  const ways = {
    maru: () => chatOn({}, options),
    'bare ws': () =>
      onTopology({}, (topology) => onBare(targetOf(topology), (target) => chat(target, { ...options, stored: false }))),
  };
  sayRatio(await inTurns(rounds, ways, CPU_PER_DELIVERY), CPU_PER_DELIVERY, 'maru', 'bare ws');
}

/** The engines of the topology stay, for people's rows; the node is not used. */
const onBare = <T>(target: Target, work: (target: Target) => Promise<T>): Promise<T> =>
  besideBare('bare-ws.ts', {}, ({ url, pid }) => {
    const others = target.processes.filter(({ name }) => !name.startsWith('node-'));
    return work({ ...target, url, processes: [{ name: 'node-1', pid }, ...others], metricsUrls: [] });
  });
