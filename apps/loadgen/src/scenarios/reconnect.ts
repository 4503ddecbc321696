import { conclude } from '../audit.ts';
import { Crowd } from '../crowd.ts';
import { Ledger } from '../ledger.ts';
import { lasts, percentile, say } from '../load.ts';
import type { Given } from '../scenario.ts';
import { onTopology, targetOf } from '../target.ts';

const ROOM = 10;
/** As the client library waits: anything from 0 to this before the first attempt, doubled after each failure. */
const FIRST_WAIT_MS = 2_000;
const MAX_WAIT_MS = 30_000;
/** Of one person at most, while the run lasts: each says something every ten seconds. */
const MESSAGES_MAX = 100;
const TEXT = 'said meanwhile';

/**
 * Three nodes behind HAProxy; one is killed. How long until its people have their rooms open again, with what they missed?
 * Whoever got no answer sends again with the same id, as the client library does; at the end everything is stored and
 * shown once.
 */
export async function reconnect({ clients = 3_000 }: Given): Promise<void> {
  await onTopology({ nodes: 3 }, async (topology) => {
    const ledger = new Ledger({
      clients,
      perClient: MESSAGES_MAX,
      roomSize: ROOM,
    });
    const backAt: number[] = [];
    let killedAt = Number.POSITIVE_INFINITY;
    const comeBack = async (client: number): Promise<void> => {
      for (let failures = 0; ; failures++) {
        await lasts(Math.random() * Math.min(FIRST_WAIT_MS * 2 ** failures, MAX_WAIT_MS));
        const isBack = await crowd.connect(client).then(
          () => true,
          () => false,
        );
        if (!isBack) continue;
        backAt.push(performance.now() - killedAt);
        for (const { number, id } of ledger.unanswered(client)) crowd.clients[client]?.send(number, TEXT, id);
        return;
      }
    };
    const crowd: Crowd = await Crowd.make(
      targetOf(topology),
      { clients, roomSize: ROOM, cutOff: (client) => void comeBack(client) },
      ledger,
    );
    await crowd.connectAll();
    say(`${clients} clients in rooms of ${ROOM} on 3 nodes`);
    let turns = 0;
    const talk = setInterval(() => {
      for (let i = 0; i < clients / 100; i++) {
        const index = (++turns * 7) % clients;
        const client = crowd.clients[index];
        if (!client?.live) continue;
        const now = performance.now();
        const { number, id } = ledger.next(index, now, now);
        client.send(number, TEXT, id);
      }
    }, 100);
    await lasts(2_000);
    killedAt = performance.now();
    topology.nodes[0]?.signal('SIGKILL');
    await lasts(1_000);
    while (backAt.length < crowd.cutOff) await lasts(50);
    clearInterval(talk);
    say(
      `${crowd.cutOff} lost their node; back after (wait of the client included) p50 ${percentile(backAt, 0.5).toFixed(0)} ms, ` +
        `p99 ${percentile(backAt, 0.99).toFixed(0)} ms, last ${Math.max(...backAt).toFixed(0)} ms`,
    );
    await conclude(crowd, ledger);
  });
}
