import { chat } from '../chat.ts';
import { percentile, say } from '../load.ts';
import { type Given, shaped } from '../scenario.ts';
import { onTopology, targetOf } from '../target.ts';

const SETUPS = {
  'one node': { nodes: 1, env: {} },
  /** What a second node costs by itself: smaller batches, twice the ticks. */
  'two nodes, rooms apart': { nodes: 2, env: {}, apart: true },
  'two nodes, RELAY=grpc': { nodes: 2, env: { RELAY: 'grpc' } },
  'two nodes, RELAY=redis': { nodes: 2, env: { RELAY: 'redis' } },
} as const;

/**
 * What a message costs when every room has its people on two nodes, half and half, against one node: CPU time of the
 * nodes per message, in rounds that take turns so that the machine's moods meet all.
 */
export async function twoNodes({ rounds = 3, ...given }: Given): Promise<void> {
  const options = shaped(given, { clients: 1_000, seconds: 15 });
  const costs = new Map<string, number[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const [name, setup] of Object.entries(SETUPS)) {
      const { nodes, env } = setup;
      /** So many people in turn come to the same node. */
      const together = 'apart' in setup ? options.roomSize : 1;
      const result = await onTopology({ nodes, env }, async (topology) => {
        const { nodeUrls } = topology;
        const urlOf = (client: number): string => nodeUrls[Math.floor(client / together) % nodeUrls.length] ?? '';
        return chat({ ...targetOf(topology), urlOf }, options);
      });
      const cost = result.clean ? (result.serverMicrosPerMessage ?? Number.NaN) : Number.NaN;
      costs.set(name, [...(costs.get(name) ?? []), cost]);
      say(`round ${round}  ${name.padEnd(24)} ${cost.toFixed(0).padStart(5)} us of CPU per message (10 deliveries)`);
    }
  }
  const [single = Number.NaN, ...others] = [...costs.values()].map((values) => percentile(values, 0.5));
  Object.keys(SETUPS)
    .slice(1)
    .forEach((name, i) => say(`${name} / one node: ${((others[i] ?? Number.NaN) / single).toFixed(2)}`));
}
