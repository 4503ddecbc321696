import type { ChatResult } from '../chat.ts';
import { inTurns, sayRatio } from '../in-turns.ts';
import { chatOn, type Given, shaped } from '../scenario.ts';

/** What senders notice of consumers: the time to an acknowledgement with and without them, in rounds that take turns. */
export async function consumers({ rounds = 3, ...given }: Given): Promise<void> {
  const options = shaped(given, { clients: 1_000, seconds: 10 });
  const run = (ROLE: string): Promise<ChatResult> => chatOn({ env: { ROLE } }, options);
  // with the consumers dead entries pile up in the stream until they are trimmed
  const ways = { 'consumers alive': () => run('all'), 'consumers dead': () => run('serve') };
  const figure = { of: ({ ack }: ChatResult) => ack.p99, unit: 'ms until the slowest hundredth is acknowledged' };
  sayRatio(await inTurns(rounds, ways, figure), figure, 'consumers dead', 'consumers alive');
}
