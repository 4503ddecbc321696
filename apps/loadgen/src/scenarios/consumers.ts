import { chat } from '../chat.ts';
import { percentile, say } from '../load.ts';
import { type Given, shaped } from '../scenario.ts';
import { onTopology, targetOf } from '../target.ts';

const SETUPS = {
  'consumers alive': { ROLE: 'all' },
  /** Nobody reads the stream: entries pile up until they are trimmed. */
  'consumers dead': { ROLE: 'serve' },
} as const;

/** What senders notice of consumers: the time to an acknowledgement with and without them, in rounds that take turns. */
export async function consumers({ rounds = 3, ...given }: Given): Promise<void> {
  const options = shaped(given, { clients: 1_000, seconds: 10 });
  const p99s = new Map<string, number[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const [name, env] of Object.entries(SETUPS)) {
      const { ack, acked, clean } = await onTopology({ env }, (topology) => chat(targetOf(topology), options));
      p99s.set(name, [...(p99s.get(name) ?? []), ack.p99 ?? Number.NaN]);
      say(
        `round ${round}  ${name.padEnd(16)} ${clean ? '' : 'NOT CLEAN, '}${acked} acked, p50 ${ack.p50} ms, p99 ${ack.p99} ms`,
      );
    }
  }
  const [alive = Number.NaN, dead = Number.NaN] = [...p99s.values()].map((values) => percentile(values, 0.5));
  say(`ack p99, consumers dead / alive: ${(dead / alive).toFixed(2)}`);
}
