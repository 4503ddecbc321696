import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chatScenario, type Given } from '../scenario.ts';

const DELAY_US = 2_000;

/** The headline on a database whose every flush to disk takes 2 ms longer, as on a cloud volume. */
export async function slowDisk(given: Given): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'maru-slow-disk-'));
  try {
    const library = join(folder, 'slow-sync.so');
    const source = join(import.meta.dirname, 'slow-sync.c');
    try {
      execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl'], { stdio: 'pipe' });
    } catch (error) {
      throw new Error('The slow disk needs a C compiler. Type: apt-get install -y gcc libc6-dev', { cause: error });
    }
    const databaseEnv = { LD_PRELOAD: library, SLOW_SYNC_US: String(DELAY_US) };
    await chatScenario('slow-disk', given, {}, { databaseEnv });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
