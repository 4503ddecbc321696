import { performance } from 'node:perf_hooks';

/** The shortest time that is looked at, milliseconds. */
const SAMPLE_MS = 250;
/** How long what was seen counts, milliseconds: a garbage collection or a burst is over before it helps to put work off. */
const MEMORY_MS = 2_000;
/** A node whose event loop waits for less than the rest of the time is busy. */
const BUSY = 0.7;

let sampledAt = performance.now();
let until = performance.eventLoopUtilization();
let load = 0;

/** The part of the last seconds in which the event loop of this process had something to do: 0 to 1, as a moving average. */
function loopLoad(): number {
  const now = performance.now();
  const elapsed = now - sampledAt;
  if (elapsed < SAMPLE_MS) return load;
  const current = performance.eventLoopUtilization();
  const { utilization } = performance.eventLoopUtilization(current, until);
  load += (utilization - load) * (1 - Math.exp(-elapsed / MEMORY_MS));
  sampledAt = now;
  until = current;
  return load;
}

/** How much work that can wait should be put off: 0 on a node with time to spare, 1 on one that has none. */
export const loopPressure = (): number => Math.max(0, loopLoad() - BUSY) / (1 - BUSY);
