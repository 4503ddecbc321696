import { chat, type ChatResult } from '../chat.ts';
import { CPU_PER_DELIVERY, inTurns, sayRatio } from '../in-turns.ts';
import { type Given, shaped } from '../scenario.ts';
import { onTopology, targetOf } from '../target.ts';

/** A node that loads one of `twins/` before it starts. */
const twin = (file: string): { NODE_OPTIONS: string } => ({
  NODE_OPTIONS: `--import=${new URL(`../twins/${file}`, import.meta.url).href}`,
});

const run = (given: Given, env: NodeJS.ProcessEnv): Promise<ChatResult> =>
  onTopology({ env }, (topology) => chat(targetOf(topology), shaped({ seconds: 20, ...given })));

/** What it costs a node that messages are on disk before they are acknowledged, and senders limited. */
export async function durability({ rounds = 3, ...given }: Given): Promise<void> {
  const ways = {
    'stored and limited': () => run(given, {}),
    'neither (its audit finds nothing stored)': () => run(given, twin('nothing-stored.ts')),
  };
  const costs = await inTurns(rounds, ways, CPU_PER_DELIVERY);
  const [over, under] = Object.keys(ways) as [string, string];
  sayRatio(CPU_PER_DELIVERY.unit, costs, over, under);
}

/** What Nest, the contract's schemas and the command metrics cost, against the same core on `socket.on`. */
export async function framework({ rounds = 3, ...given }: Given): Promise<void> {
  const ways = { product: () => run(given, {}), 'raw socket.on': () => run(given, twin('raw-sockets.ts')) };
  const costs = await inTurns(rounds, ways, CPU_PER_DELIVERY);
  sayRatio(CPU_PER_DELIVERY.unit, costs, 'product', 'raw socket.on');
}
