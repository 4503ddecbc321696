import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';

export interface Finished {
  code: number;
  output: string;
}

/** Runs a command to its end. Its output is kept, and goes to `log` or, with `inherit`, to the terminal, too. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; log?: string; inherit?: boolean; input?: string } = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: [
        options.input === undefined ? 'ignore' : 'pipe',
        options.inherit ? 'inherit' : 'pipe',
        options.inherit ? 'inherit' : 'pipe',
      ],
    });
    const log = options.log === undefined ? undefined : createWriteStream(options.log, { flags: 'a' });
    const parts: Buffer[] = [];
    const keep = (part: Buffer): void => {
      parts.push(part);
      log?.write(part);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    if (options.input !== undefined) child.stdin?.end(options.input);
    child.on('error', reject);
    child.on('close', (code) => {
      log?.end();
      resolve({ code: code ?? 1, output: Buffer.concat(parts).toString() });
    });
  });
}
