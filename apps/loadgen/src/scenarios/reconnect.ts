import { lasts, percentile, say } from '../load.ts';
import { onTopology } from '../target.ts';
import { type LoadPerson, makePeople } from '../people.ts';
import { RawClient } from '../raw-client.ts';

const ROOM = 10;
/** As the client library waits: anything from 0 to this before the first attempt, doubled after each failure. */
const FIRST_WAIT_MS = 2_000;
const MAX_WAIT_MS = 30_000;

/** Three nodes behind HAProxy; one is killed. How long until its people have their rooms open again, with what they missed? */
export async function reconnect({ clients: count = 3_000 }): Promise<void> {
  await onTopology({ nodes: 3 }, async (topology) => {
    const people = await makePeople(topology.databaseUrl, topology.env['JWT_SECRET'] ?? '', count, ROOM);
    const clients: RawClient[] = [];
    const backAt: number[] = [];
    let killedAt = Number.POSITIVE_INFINITY;
    let lost = 0;
    let sent = 0;
    let finished = false;

    const enter = (person: LoadPerson, i: number, after: number | null, failures: number, live: () => void): void => {
      const wait = after === null ? 0 : Math.random() * Math.min(FIRST_WAIT_MS * 2 ** failures, MAX_WAIT_MS);
      let failed = failures;
      setTimeout(() => {
        const client: RawClient = new RawClient(
          topology.url,
          person,
          {
            live: () => {
              failed = 0;
              if (after !== null) backAt.push(performance.now() - killedAt);
              live();
            },
            gone: () => {
              if (finished) return;
              if (failed === 0) lost++;
              enter(person, i, client.seq ?? 0, failed, () => {});
            },
            acked: () => {},
          },
          after,
        );
        failed = after === null ? 0 : failures + 1;
        clients[i] = client;
      }, wait);
    };
    for (let i = 0; i < count; i += 100) {
      await Promise.all(
        people.slice(i, i + 100).map((person, k) => new Promise<void>((live) => enter(person, i + k, null, 0, live))),
      );
    }
    say(`${count} clients in ${count / ROOM} rooms on 3 nodes`);
    const talk = setInterval(() => {
      for (let i = 0; i < count / 100; i++) {
        const client = clients[(++sent * 7) % count];
        if (client?.live) client.send(sent, 'said meanwhile');
      }
    }, 100);
    await lasts(2_000);
    killedAt = performance.now();
    topology.nodes[0]?.signal('SIGKILL');
    await lasts(1_000);
    while (backAt.length < lost) await lasts(50);
    clearInterval(talk);
    await lasts(3_000);
    finished = true;
    const heads = new Map<string, number>();
    clients.forEach(({ seq }, i) => {
      const { room = '' } = people[i] ?? {};
      heads.set(room, Math.max(heads.get(room) ?? 0, seq ?? 0));
    });
    const behind = clients.filter(({ seq }, i) => seq !== heads.get(people[i]?.room ?? '')).length;
    const sum = (what: 'holes' | 'doubled'): number => clients.reduce((all, client) => all + client[what], 0);
    for (const client of clients) client.close();
    say(
      `${lost} lost their node; back after (wait of the client included) p50 ${percentile(backAt, 0.5).toFixed(0)} ms, ` +
        `p99 ${percentile(backAt, 0.99).toFixed(0)} ms, last ${Math.max(...backAt).toFixed(0)} ms; ` +
        `holes ${sum('holes')}, doubled ${sum('doubled')}, behind their room's head ${behind}`,
    );
  });
}
