import { besideBare } from '../bare.ts';
import { chat, type ChatOptions, type ChatResult } from '../chat.ts';
import { ACK_P50, ACK_P99, CPU_PER_DELIVERY, inTurns, sayRatio } from '../in-turns.ts';
import { chatOn, type Given, shaped } from '../scenario.ts';
import { onTopology, targetOf } from '../target.ts';

/** What a delivery costs the server, against `ws` alone that stores, checks and limits nothing; in rounds that take turns. */
export async function fanOut({ rounds = 3, ...given }: Given): Promise<void> {
  const options = shaped(given, { seconds: 20 });
  const ways = {
    maru: () => chatOn({}, options),
    'bare ws': () => chatOnBare('bare-ws.ts', { ...options, stored: false }),
  };
  sayRatio(await inTurns(rounds, ways, CPU_PER_DELIVERY), CPU_PER_DELIVERY, 'maru', 'bare ws');
}

/** How long people wait for an acknowledgement, against a server that stores and delivers in the same way and does nothing else. */
export async function bareLog({ rounds = 3, ...given }: Given): Promise<void> {
  const options = shaped(given, { seconds: 20 });
  const ways = { maru: () => chatOn({}, options), 'bare log': () => chatOnBare('bare-log.ts', options) };
  const runs = await inTurns(rounds, ways, CPU_PER_DELIVERY);
  for (const figure of [ACK_P50, ACK_P99, CPU_PER_DELIVERY]) sayRatio(runs, figure, 'maru', 'bare log');
}

/** The engines of the topology stay, for people's rows; no node is started. */
const chatOnBare = (file: 'bare-ws.ts' | 'bare-log.ts', options: ChatOptions): Promise<ChatResult> =>
  onTopology({ nodes: 0 }, (topology) => {
    const target = targetOf(topology);
    return besideBare(file, { DATABASE_URL: target.databaseUrl }, ({ url, pid }) =>
      chat({ ...target, url, processes: [{ name: 'node-1', pid }, ...target.processes] }, options),
    );
  });
