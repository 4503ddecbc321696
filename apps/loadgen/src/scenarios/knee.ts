import { chat } from '../chat.ts';
import { isWhole } from '../comparison.ts';
import { cpuText, say } from '../load.ts';
import { type Given, shaped } from '../scenario.ts';
import { onTarget } from '../target.ts';

const FIRST = 3_000;
const STEP = 500;
const LAST = 10_000;
const TOO_LATE_MS = 100;
/** One bad moment of the machine does not end the search. */
const TRIES = 2;

/** How many messages a second until the slowest hundredth of acknowledgements takes longer than 100 ms? A new system for each rate. */
export async function knee(given: Given): Promise<void> {
  let reached = 0;
  for (let rate = FIRST; rate <= LAST; rate += STEP) {
    if (!(await holds(rate, given))) break;
    reached = rate;
  }
  say(
    `to compare with another server on this machine: ${reached} stored messages a second, all acknowledged, ack p99 below ${TOO_LATE_MS} ms`,
  );
}

/** Whether the system does that in one of two tries. What is lost or refused is never tried again. */
async function holds(rate: number, given: Given): Promise<boolean> {
  const options = shaped({ seconds: 30, ...given });
  const perSecond = rate / options.clients;
  for (let left = TRIES; left > 0; left--) {
    const result = await onTarget(given.url, {}, (target) => chat(target, { ...options, perSecond }));
    const { ack, delivery, cpu, clean, ackedPerSecond, refusals } = result;
    say(
      `${rate}/s: ${clean ? 'clean' : 'NOT CLEAN'}, refused ${JSON.stringify(refusals)}, ${ackedPerSecond} acknowledged a second, ack avg ${ack.avg} p99 ${ack.p99} ms, delivery p99 ${delivery.p99} ms; CPU % ${cpuText(cpu)}`,
    );
    if (!isWhole(result) || ack.p99 === null) return false;
    if (ack.p99 <= TOO_LATE_MS) return true;
  }
  return false;
}
