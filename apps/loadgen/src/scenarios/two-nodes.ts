import { chat, type ChatResult } from '../chat.ts';
import { inTurns, sayRatio } from '../in-turns.ts';
import { type Given, shaped } from '../scenario.ts';
import { onTopology, targetOf } from '../target.ts';

interface Setup {
  nodes: number;
  relay?: 'grpc' | 'redis';
  /** Rooms lie each on one node, instead of half on either. */
  apart?: boolean;
  /** Only half of the people come, as they would to one of two nodes. */
  half?: boolean;
}

/**
 * What a message costs when every room has its people on two nodes, half and half, against one node: CPU time of the
 * nodes per message, in rounds that take turns so that the machine's moods meet all.
 */
export async function twoNodes({ rounds = 3, ...given }: Given): Promise<void> {
  const options = shaped(given, { clients: 1_000, seconds: 15 });
  const run = ({ nodes, relay = 'redis', apart = false, half = false }: Setup): Promise<ChatResult> =>
    onTopology({ nodes, env: { RELAY: relay } }, async (topology) => {
      const { nodeUrls } = topology;
      /** So many people in turn come to the same node. */
      const together = apart ? options.roomSize : 1;
      const urlOf = (client: number): string => nodeUrls[Math.floor(client / together) % nodeUrls.length] ?? '';
      const clients = half ? Math.ceil(options.clients / 2) : options.clients;
      return chat({ ...targetOf(topology), urlOf }, { ...options, clients });
    });
  const ways = {
    'one node': () => run({ nodes: 1 }),
    // what a message costs where a node has as little to do as each of two
    'one node, half of the people': () => run({ nodes: 1, half: true }),
    // what a second node costs by itself: smaller batches, twice the ticks
    'two nodes, rooms apart': () => run({ nodes: 2, apart: true }),
    'two nodes, RELAY=grpc': () => run({ nodes: 2, relay: 'grpc' }),
    'two nodes, RELAY=redis': () => run({ nodes: 2, relay: 'redis' }),
  };
  const figure = {
    of: ({ serverMicrosPerMessage }: ChatResult) => serverMicrosPerMessage,
    unit: 'us of CPU per message (10 deliveries)',
  };
  const runs = await inTurns(rounds, ways, figure);
  const others = ['two nodes, rooms apart', 'two nodes, RELAY=grpc', 'two nodes, RELAY=redis'] as const;
  for (const under of ['one node', 'one node, half of the people'] as const) {
    for (const name of others) sayRatio(runs, figure, name, under);
  }
}
