import { lasts, percentile, say } from '../load.ts';
import { onTopology } from '../target.ts';
import { makePeople } from '../people.ts';
import { RawClient } from '../raw-client.ts';

const ROOM = 10;
const TEXT = 'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore';

const SETUPS = {
  'consumers alive': { ROLE: 'all' },
  /** Nobody reads the stream: entries pile up until they are trimmed. */
  'consumers dead': { ROLE: 'serve' },
} as const;

/** What senders notice of consumers: the time to an acknowledgement with and without them, in rounds that take turns. */
export async function consumers({ clients = 1_000, seconds = 10, rounds = 3 }): Promise<void> {
  const p99s = new Map<string, number[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const [name, env] of Object.entries(SETUPS)) {
      const waits = await onTopology({ env }, ({ url, databaseUrl, env: { JWT_SECRET = '' } }) =>
        measure(url, databaseUrl, JWT_SECRET, clients, seconds),
      );
      const [p50, p99] = [percentile(waits, 0.5), percentile(waits, 0.99)];
      p99s.set(name, [...(p99s.get(name) ?? []), p99]);
      say(
        `round ${round}  ${name.padEnd(16)} ${waits.length} acked, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
      );
    }
  }
  const [alive = Number.NaN, dead = Number.NaN] = [...p99s.values()].map((values) => percentile(values, 0.5));
  say(`ack p99, consumers dead / alive: ${(dead / alive).toFixed(2)}`);
}

async function measure(
  url: string,
  databaseUrl: string,
  secret: string,
  count: number,
  seconds: number,
): Promise<number[]> {
  const people = await makePeople(databaseUrl, secret, count, ROOM);
  const due: number[] = [];
  const waits: number[] = [];
  const clients: RawClient[] = [];
  let refused = 0;
  for (let i = 0; i < count; i += 100) {
    await Promise.all(
      people.slice(i, i + 100).map(
        (person) =>
          new Promise<void>((live, reject) => {
            const acked = (number: number, ok: boolean): void => {
              if (ok) waits.push(performance.now() - (due[number] ?? 0));
              else refused++;
            };
            clients.push(new RawClient(url, person, { live, gone: (reason) => reject(new Error(reason)), acked }));
          }),
      ),
    );
  }
  const started = performance.now();
  let sent = 0;
  while (performance.now() - started < seconds * 1_000) {
    const target = Math.floor(((performance.now() - started) / 1_000) * count);
    for (; sent < target; sent++) {
      // the latency counts from when it was to be sent
      due[sent + 1] = started + (sent / count) * 1_000;
      clients[sent % count]?.send(sent + 1, TEXT);
    }
    await lasts(1);
  }
  for (let waited = 0; waited < 100 && waits.length + refused < sent; waited++) await lasts(100);
  for (const client of clients) client.close();
  if (waits.length !== sent) throw new Error(`${sent} sent, ${waits.length} acked, ${refused} refused`);
  return waits;
}
