import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRoot } from './paths.ts';
import { type Report, step } from './report.ts';
import { run } from './run.ts';
import { SERVER } from './chat-node.ts';

interface Target {
  name: string;
  sources: readonly string[];
  product: string;
  command: readonly [string, ...string[]];
}

/** Beside what was built, not with the data: another folder of data needs no other build. */
const STAMPS = inRoot('node_modules/.cache/maru');

const LIBRARIES = ['libs/*/src/**/*', 'libs/*/tsconfig.json', 'tsconfig*.json', 'package-lock.json'];
const server: Target = {
  name: 'building the server',
  sources: [...LIBRARIES, 'apps/server/src/**/*', 'migrations/src/**/*'],
  product: join(SERVER, 'main.js'),
  command: ['tsc', '-b'],
};
const web: Target = {
  name: 'building the web page',
  sources: [...LIBRARIES, 'apps/web/{app,src,messages,public}/**/*', 'apps/web/*.{ts,mjs,json}'],
  product: inRoot('apps/web/out/index.html'),
  command: ['npm', 'run', 'build', '-w', '@maru/web', '--silent'],
};

/** Builds what is missing or older than its sources; the web page needs the libraries. */
export async function build(report: Report): Promise<void> {
  await make(server, report);
  await make(web, report);
}

async function make({ name, sources, product, command }: Target, report: Report): Promise<void> {
  const stamp = join(STAMPS, `${name.replaceAll(' ', '-')}.sha1`);
  const now = fingerprint(sources);
  if (existsSync(product) && existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  await step(report, name, async () => {
    const [program, ...args] = command;
    const { code, output } = await run(program, args, { cwd: inRoot() });
    if (code !== 0) throw new Error(`${name} failed:\n${output}`);
  });
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, now);
}

/** Of names, sizes and times: a changed source has another. */
function fingerprint(patterns: readonly string[]): string {
  const hash = createHash('sha1');
  const files = globSync([...patterns], {
    cwd: inRoot(),
    // what the builds write themselves
    exclude: ['**/node_modules/**', '**/dist/**', '**/next-env.d.ts', 'apps/web/public/emojis/**'],
  });
  for (const file of files.toSorted()) {
    const stat = statSync(inRoot(file));
    if (stat.isFile()) hash.update(`${file} ${stat.size} ${stat.mtimeMs}\n`);
  }
  return hash.digest('hex');
}
