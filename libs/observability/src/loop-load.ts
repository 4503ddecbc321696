import { performance } from 'node:perf_hooks';

/** The shortest time that is looked at, milliseconds. */
const SAMPLE_MS = 250;
/** A node whose event loop waits for less than the rest of the time is busy. */
const BUSY = 0.7;

let sampledAt = performance.now();
let until = performance.eventLoopUtilization();
let load = 0;

/**
 * The part of the last quarter of a second, or of the time since the last call where that is longer, in which the event
 * loop of this process had something to do: 0 to 1.
 */
function loopLoad(): number {
  const now = performance.now();
  if (now - sampledAt < SAMPLE_MS) return load;
  const current = performance.eventLoopUtilization();
  load = performance.eventLoopUtilization(current, until).utilization;
  sampledAt = now;
  until = current;
  return load;
}

/** How much work that can wait should be put off: 0 on a node with time to spare, 1 on one that has none. */
export const loopPressure = (): number => Math.max(0, loopLoad() - BUSY) / (1 - BUSY);
