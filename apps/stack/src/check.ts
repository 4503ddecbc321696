import { inRoot } from './paths.ts';
import { step, toTerminal } from './report.ts';
import { run } from './run.ts';

type Check = [name: string, command: string, ...args: string[]];

const TYPES: Check = ['types', 'tsc', '-b'];
const ON_TYPES: Check[] = [
  ['types of the page', 'tsc', '-p', 'apps/web', '--noEmit'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
];
const INDEPENDENT: Check[] = [
  ['format (mend: npm run format)', 'prettier', '--check', '--log-level', 'warn', '--cache', '.'],
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
  ['dead code', 'knip', '--no-config-hints'],
];

/** `npm run check`. Throws with what the checks said, after all have run. */
export async function check(): Promise<void> {
  const failures: string[] = [];
  const one = ([name, command, ...args]: Check): Promise<void> =>
    step(toTerminal, name, async () => {
      const { code, output } = await run(command, args, { cwd: inRoot() });
      if (code !== 0) failures.push(`✘ ${name}\n${output.trim()}`);
    });
  // the page and the lint read the types that the first one writes
  await Promise.all([one(TYPES), ...INDEPENDENT.map(one)]);
  await Promise.all(ON_TYPES.map(one));
  if (failures.length > 0) throw new Error(failures.join('\n\n'));
}
