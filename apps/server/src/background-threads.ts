import { readdir, readFile } from 'node:fs/promises';
import { setPriority } from 'node:os';

const TASKS = '/proc/self/task';
/** As the kernel names the threads on which V8 collects garbage and compiles beside the one that runs JavaScript. */
const V8_WORKER = 'V8Worker';
const NICE = 10;

/**
 * Lets the event loop go first where it and V8's own threads want the same core: a full collection marks for a fifth of a
 * second, and whoever sends meanwhile would wait. Elsewhere than on Linux nothing is done.
 */
export async function calmBackgroundThreads(): Promise<void> {
  const threads = await readdir(TASKS).catch(() => []);
  for (const id of threads) {
    const name = await readFile(`${TASKS}/${id}/comm`, 'utf8').catch(() => '');
    if (name.trim() === V8_WORKER) setPriority(Number(id), NICE);
  }
}
