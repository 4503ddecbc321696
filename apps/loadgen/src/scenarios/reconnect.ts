import { Crowd } from '../crowd.ts';
import { lasts, percentile, say } from '../load.ts';
import type { Given } from '../scenario.ts';
import { onTopology, targetOf } from '../target.ts';

const ROOM = 10;
/** As the client library waits: anything from 0 to this before the first attempt, doubled after each failure. */
const FIRST_WAIT_MS = 2_000;
const MAX_WAIT_MS = 30_000;

/** Three nodes behind HAProxy; one is killed. How long until its people have their rooms open again, with what they missed? */
export async function reconnect({ clients = 3_000 }: Given): Promise<void> {
  await onTopology({ nodes: 3 }, async (topology) => {
    const backAt: number[] = [];
    let killedAt = Number.POSITIVE_INFINITY;
    const comeBack = async (client: number): Promise<void> => {
      const newest = crowd.clients[client]?.seq ?? 0;
      for (let failures = 0; ; failures++) {
        await lasts(Math.random() * Math.min(FIRST_WAIT_MS * 2 ** failures, MAX_WAIT_MS));
        const isBack = await crowd.connect(client, newest).then(
          () => true,
          () => false,
        );
        if (isBack) return void backAt.push(performance.now() - killedAt);
      }
    };
    const crowd: Crowd = await Crowd.make(targetOf(topology), {
      clients,
      roomSize: ROOM,
      cutOff: (client) => void comeBack(client),
    });
    await crowd.connectAll();
    say(`${clients} clients in ${clients / ROOM} rooms on 3 nodes`);
    let sent = 0;
    const talk = setInterval(() => {
      for (let i = 0; i < clients / 100; i++) {
        const client = crowd.clients[(++sent * 7) % clients];
        if (client?.live) client.send(sent, 'said meanwhile');
      }
    }, 100);
    await lasts(2_000);
    killedAt = performance.now();
    topology.nodes[0]?.signal('SIGKILL');
    await lasts(1_000);
    while (backAt.length < crowd.cutOff) await lasts(50);
    clearInterval(talk);
    await lasts(3_000);
    const { lost, doubled } = await crowd.audit();
    crowd.close();
    say(
      `${crowd.cutOff} lost their node; back after (wait of the client included) p50 ${percentile(backAt, 0.5).toFixed(0)} ms, ` +
        `p99 ${percentile(backAt, 0.99).toFixed(0)} ms, last ${Math.max(...backAt).toFixed(0)} ms; lost ${lost}, doubled ${doubled}`,
    );
  });
}
