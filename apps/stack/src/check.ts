import { inRoot } from './paths.ts';
import { step, toTerminal } from './report.ts';
import { run } from './run.ts';

const CHECKS: [name: string, command: string, ...args: string[]][] = [
  ['format (mend: npm run format)', 'prettier', '--check', '--log-level', 'warn', '.'],
  ['types', 'tsc', '-b'],
  ['web types', 'tsc', '-p', 'apps/web', '--noEmit'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  [
    'dependency rules',
    'depcruise',
    '--config',
    '.dependency-cruiser.mjs',
    '--output-type',
    'err-long',
    'apps',
    'libs',
    'migrations',
    'test',
  ],
  ['dead code', 'knip'],
];

/** `npm run check`. Throws with what the checks said, after all have run. */
export async function check(): Promise<void> {
  const failures: string[] = [];
  for (const [name, command, ...args] of CHECKS) {
    await step(toTerminal, name, async () => {
      const { code, output } = await run(command, args, { cwd: inRoot() });
      if (code !== 0) failures.push(`✘ ${name}\n${output.trim()}`);
    });
  }
  if (failures.length > 0) throw new Error(failures.join('\n\n'));
}
