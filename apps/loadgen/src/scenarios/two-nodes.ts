import type { Topology } from '@maru/stack';
import { lasts, percentile, say } from '../load.ts';
import { cpuSeconds } from '../machine.ts';
import { onTopology } from '../target.ts';
import { makePeople } from '../people.ts';
import { RawClient } from '../raw-client.ts';

const ROOM = 10;
const TEXT =
  'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et magna';

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
export async function twoNodes({ clients = 1_000, seconds = 15, rounds = 3 }): Promise<void> {
  const costs = new Map<string, number[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const [name, setup] of Object.entries(SETUPS)) {
      const { nodes, env } = setup;
      const placed = 'apart' in setup ? ROOM : 1;
      const cost = await onTopology({ nodes, env }, (topology) => measure(topology, clients, seconds, placed));
      costs.set(name, [...(costs.get(name) ?? []), cost]);
      say(`round ${round}  ${name.padEnd(24)} ${cost.toFixed(0).padStart(5)} us of CPU per message (10 deliveries)`);
    }
  }
  const [single = Number.NaN, ...others] = [...costs.values()].map((values) => percentile(values, 0.5));
  Object.keys(SETUPS)
    .slice(1)
    .forEach((name, i) => say(`${name} / one node: ${((others[i] ?? Number.NaN) / single).toFixed(2)}`));
}

/** `together`: so many people in turn come to the same node. */
async function measure(topology: Topology, count: number, seconds: number, together: number): Promise<number> {
  const people = await makePeople(topology.databaseUrl, topology.env['JWT_SECRET'] ?? '', count, ROOM);
  const { nodeUrls, nodes } = topology;
  let acked = 0;
  let refused = 0;
  const clients: RawClient[] = [];
  for (let i = 0; i < people.length; i += 100) {
    await Promise.all(
      people.slice(i, i + 100).map(
        (person, k) =>
          new Promise<void>((resolve, reject) => {
            const client = new RawClient(nodeUrls[Math.floor((i + k) / together) % nodeUrls.length] ?? '', person, {
              live: resolve,
              gone: (reason) => reject(new Error(`a client was cut off: ${reason}`)),
              acked: (_, ok) => void (ok ? acked++ : refused++),
            });
            clients.push(client);
          }),
      ),
    );
  }
  // the nodes have told each other what they serve
  await lasts(2_000);
  const before = cpuSeconds(nodes.map(({ pid }) => pid));
  let sent = 0;
  const started = performance.now();
  while (performance.now() - started < seconds * 1_000) {
    const due = Math.floor(((performance.now() - started) / 1_000) * count);
    for (; sent < due; sent++) clients[sent % count]?.send(Math.floor(sent / count) + 1, TEXT);
    await lasts(1);
  }
  const expected = sent * ROOM;
  for (let waited = 0; waited < 100 && clients.reduce((sum, { received }) => sum + received, 0) < expected; waited++) {
    await lasts(100);
  }
  const used = cpuSeconds(nodes.map(({ pid }) => pid)) - before;
  const sum = (what: 'received' | 'holes' | 'doubled'): number =>
    clients.reduce((all, client) => all + client[what], 0);
  for (const client of clients) client.close();
  if (acked !== sent || refused > 0 || sum('received') !== expected || sum('holes') + sum('doubled') > 0) {
    throw new Error(`${sent} sent, ${acked} acked, ${sum('received')} of ${expected} delivered, ${sum('holes')} holes`);
  }
  return (used * 1e6) / sent;
}
