import { Crowd } from '../crowd.ts';
import { lasts, percentile, say } from '../load.ts';
import type { Given } from '../scenario.ts';
import { onTopology, targetOf } from '../target.ts';

/** One of each room stays and talks on while the others are away. */
const ROOM = 11;
const MISSED = 5;

/** 3,000 people lose their connection and come back at once, without waiting: when has everybody what was said meanwhile? */
export async function storm({ clients = 3_000 }: Given): Promise<void> {
  await onTopology({}, async (topology) => {
    const count = Math.ceil(clients / (ROOM - 1)) * ROOM;
    const crowd = await Crowd.make(targetOf(topology), { clients: count, roomSize: ROOM });
    await crowd.connectAll();
    const leaving = crowd.people.flatMap((_, i) => (i % ROOM === 0 ? [] : [i]));
    const newest = leaving.map((i) => crowd.clients[i]?.seq ?? 0);
    for (const i of leaving) crowd.clients[i]?.close();
    for (let number = 1; number <= MISSED; number++) {
      for (let i = 0; i < count; i += ROOM) crowd.clients[i]?.send(number, 'said meanwhile');
    }
    while (crowd.people.some((_, i) => i % ROOM === 0 && (crowd.clients[i]?.received ?? 0) < MISSED)) await lasts(20);
    await lasts(1_000);
    const start = performance.now();
    const took: number[] = [];
    await Promise.all(
      leaving.map(async (i, place) => {
        await crowd.connect(i, newest[place] ?? 0);
        took.push(performance.now() - start);
      }),
    );
    const audit = await crowd.audit();
    crowd.close();
    say(
      `${leaving.length} people back at once, each with ${MISSED} messages missed: p50 ${percentile(took, 0.5).toFixed(0)} ms, p99 ${percentile(took, 0.99).toFixed(0)} ms, last ${Math.max(...took).toFixed(0)} ms; lost ${audit.lost}, doubled ${audit.doubled}`,
    );
  });
}
