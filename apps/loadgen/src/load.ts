import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTopology, type Topology, type TopologyOptions } from '@maru/stack';

/** What a load test must not meet. */
const LIMITS = {
  LIMIT_SEND_PER_SECOND: '100000',
  LIMIT_SEND_BURST: '100000',
  LIMIT_UNACKED_PER_SOCKET: '100000',
  LIMIT_CONNECTIONS_PER_IP: '100000',
  LIMIT_CONNECTIONS_PER_USER: '100',
  LIMIT_HANDSHAKES_PER_SECOND: '100000',
  LIMIT_ROOM_OPENS_PER_SECOND: '100000',
};

export const say = (line: string): void => void process.stdout.write(`${line}\n`);
/** A measurement lasts so long. */
export const lasts = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs `work` on a private topology that is gone afterwards. */
export async function onTopology<T>(
  options: Partial<TopologyOptions>,
  work: (topology: Topology) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'maru-load-'));
  const topology = await startTopology({ report: () => {}, ...options, folder, env: { ...LIMITS, ...options.env } });
  try {
    return await work(topology);
  } finally {
    await topology.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Ticks of the kernel's clock per second, as /proc counts. */
const TICKS = 100;

/** CPU time that these processes have used, user and kernel, seconds. */
export function cpuSeconds(pids: readonly (number | undefined)[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / TICKS;
}

export const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
