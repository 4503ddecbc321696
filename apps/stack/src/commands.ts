import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HOME } from './paths.ts';
import { Advice, toTerminal as say } from './report.ts';
import { run } from './run.ts';
import { running } from './running.ts';

const STOP_MS = 60_000;

/** `npm run down`: resolves when everything has stopped. */
export async function down(): Promise<void> {
  const launcher = running();
  if (launcher === undefined) return say('Maru is not running. Start it: npm run up');
  process.kill(launcher.pid, 'SIGTERM');
  const deadline = performance.now() + STOP_MS;
  while (running() !== undefined) {
    if (performance.now() > deadline) throw new Advice(`It did not stop. Type: kill -9 ${launcher.pid}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  say('Stopped.');
}

export function status(): void {
  const launcher = running();
  if (launcher === undefined) return say('Maru is not running. Start it: npm run up');
  say(`Maru is running (pid ${launcher.pid}): ${launcher.url}`);
  for (const [name, pid] of Object.entries(launcher.services)) say(`  ${name.padEnd(16)} pid ${pid}`);
}

/** Stops everything and deletes all data; installed engines stay. */
export async function reset(): Promise<void> {
  if (running() !== undefined) await down();
  const engines = ['mariadb', 'mariadb-replica', 'redis', 'kafka', 'haproxy', 'prometheus'];
  const data = [...engines, 'logs', 'secrets.json', 'demo.json', 'running.json'];
  for (const name of data) rmSync(join(HOME, name), { recursive: true, force: true });
  say('All data is deleted. Start anew: npm run up');
}

/** `npm run logs`: the end of every log, and what is added, until Ctrl-C. */
export async function logs(): Promise<void> {
  const folder = join(HOME, 'logs');
  if (!existsSync(folder)) return say('There are no logs yet. Start Maru: npm run up');
  const files = readdirSync(folder).map((name) => join(folder, name));
  const follow = process.stdout.isTTY ? ['-F'] : [];
  await run('tail', ['-n', '40', ...follow, ...files], { inherit: true });
}
