import type { ChatResult } from '../chat.ts';
import { ALL_CPU_PER_MESSAGE, CPU_PER_DELIVERY, inTurns, sayRatio } from '../in-turns.ts';
import { chatOn, type Given, shaped } from '../scenario.ts';

/** A node that loads one of `twins/` before it starts. */
const twin = (file: string): { NODE_OPTIONS: string } => ({
  NODE_OPTIONS: `--import=${new URL(`../twins/${file}`, import.meta.url).href}`,
});

const run = (given: Given, env: NodeJS.ProcessEnv, stored = true): Promise<ChatResult> =>
  chatOn({ env }, shaped(given, { seconds: 20, stored }));

/** What it costs that messages are on disk before they are acknowledged, and senders limited. */
export async function durability({ rounds = 3, ...given }: Given): Promise<void> {
  const ways = {
    'stored and limited': () => run(given, {}),
    neither: () => run(given, twin('nothing-stored.ts'), false),
  };
  const runs = await inTurns(rounds, ways, CPU_PER_DELIVERY);
  for (const figure of [CPU_PER_DELIVERY, ALL_CPU_PER_MESSAGE]) sayRatio(runs, figure, 'stored and limited', 'neither');
}

/** What Nest, the contract's schemas and the command metrics cost, against the same core on `socket.on`. */
export async function framework({ rounds = 3, ...given }: Given): Promise<void> {
  const ways = { product: () => run(given, {}), 'raw socket.on': () => run(given, twin('raw-sockets.ts')) };
  sayRatio(await inTurns(rounds, ways, CPU_PER_DELIVERY), CPU_PER_DELIVERY, 'product', 'raw socket.on');
}
