import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** Ticks of the kernel's clock per second, as /proc counts. */
const TICKS = 100;
/** Open files of a process besides its connections. */
const SPARE_FILES = 500;

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

/** Resident memory of a process, MiB. */
export const rssMiB = (pid: number | undefined): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;

/** CPU time of the whole machine: what all processes used, and what it waited for disks; seconds. */
export function machineSeconds(): { used: number; waited: number } {
  const fields = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').trim().split(/\s+/).slice(1).map(Number);
  const [user = 0, nice = 0, system = 0, , iowait = 0, irq = 0, softirq = 0] = fields;
  return { used: (user + nice + system + irq + softirq) / TICKS, waited: iowait / TICKS };
}

/** Throws, with what to type, where this process and a node may not have so many connections. */
export function mustHold(connections: number): void {
  const limit = Number(/Max open files\s+\d+\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Infinity);
  if (connections + SPARE_FILES <= limit) return;
  throw new Error(`${connections} connections need more open files than ${limit}. Type: ulimit -Hn ${connections * 2}`);
}

/** What a figure was measured on. */
export const describeMachine = (): Record<string, string> => ({
  processor: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
  memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
  kernel: release(),
  node: process.version,
  commit: commit(),
});

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'unknown';
  }
}
