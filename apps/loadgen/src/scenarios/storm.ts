import { conclude } from '../audit.ts';
import { Crowd } from '../crowd.ts';
import { Ledger } from '../ledger.ts';
import { lasts, percentile, say } from '../load.ts';
import type { Given } from '../scenario.ts';
import { onTopology, targetOf } from '../target.ts';

/** One of each room stays and talks on while the others are away. */
const ROOM = 11;
const MISSED = 5;
const TEXT = 'said meanwhile';

/** 3,000 people lose their connection and come back at once, without waiting: when has everybody what was said meanwhile? */
export async function storm({ clients = 3_000 }: Given): Promise<void> {
  await onTopology({}, async (topology) => {
    const count = Math.ceil(clients / (ROOM - 1)) * ROOM;
    const ledger = new Ledger({
      clients: count,
      perClient: MISSED,
      roomSize: ROOM,
    });
    const crowd = await Crowd.make(targetOf(topology), { clients: count, roomSize: ROOM }, ledger);
    await crowd.connectAll();
    const leaving = crowd.people.flatMap((_, i) => (i % ROOM === 0 ? [] : [i]));
    for (const i of leaving) crowd.clients[i]?.close();
    for (let turn = 0; turn < MISSED; turn++) {
      for (let i = 0; i < count; i += ROOM) {
        const now = performance.now();
        const { number, id } = ledger.next(i, now, now);
        crowd.clients[i]?.send(number, TEXT, id);
      }
    }
    while (ledger.answered < ledger.sent || ledger.delivered < ledger.acked) await lasts(20);
    await lasts(1_000);
    const start = performance.now();
    const took: number[] = [];
    await Promise.all(
      leaving.map(async (i) => {
        await crowd.connect(i);
        took.push(performance.now() - start);
      }),
    );
    say(
      `${leaving.length} people back at once, each with ${MISSED} messages missed: p50 ${percentile(took, 0.5).toFixed(0)} ms, p99 ${percentile(took, 0.99).toFixed(0)} ms, last ${Math.max(...took).toFixed(0)} ms`,
    );
    await conclude(crowd, ledger);
  });
}
