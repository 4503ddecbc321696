import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOME } from './paths.ts';

/** What the running launcher wrote down about itself. */
export interface Running {
  pid: number;
  /** The kernel's start time of that process: a pid that was given again is another process. */
  startedAt: string;
  url: string;
  services: Record<string, number | undefined>;
}

const FILE = join(HOME, 'running.json');

/** The launcher that is running from this folder, if any. */
export function running(): Running | undefined {
  if (!existsSync(FILE)) return undefined;
  const noted = JSON.parse(readFileSync(FILE, 'utf8')) as Running;
  return startTime(noted.pid) === noted.startedAt ? noted : undefined;
}

export function note(url: string, services: Running['services']): void {
  mkdirSync(HOME, { recursive: true });
  const self = { pid: process.pid, startedAt: startTime(process.pid) ?? '', url, services };
  writeFileSync(FILE, JSON.stringify(self, null, 2));
}

export function forget(): void {
  rmSync(FILE, { force: true });
}

/** undefined where there is no such process. Without /proc (macOS) being there is all that can be told. */
function startTime(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch {
    return undefined;
  }
  if (!existsSync('/proc/self/stat')) return 'unknown';
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
