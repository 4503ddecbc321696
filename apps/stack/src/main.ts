import { build } from './build.ts';
import { check } from './check.ts';
import { down, logs, reset, status } from './commands.ts';
import { Advice, toTerminal } from './report.ts';
import { test } from './test.ts';
import { up } from './up.ts';

const commands: Record<string, (args: string[]) => Promise<void> | void> = {
  up,
  down,
  status,
  reset,
  logs,
  build: () => build(toTerminal),
  check,
  test,
};

const [name = '', ...args] = process.argv.slice(2);
const command = commands[name];
try {
  if (command === undefined) throw new Advice(`Commands: ${Object.keys(commands).join(', ')}`);
  await command(args);
} catch (error) {
  process.stderr.write(
    `\n${error instanceof Advice ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exitCode = 1;
}
process.exit();
