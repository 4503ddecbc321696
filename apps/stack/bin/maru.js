#!/usr/bin/env node
// Entry of every `npm run` command here. Plain JavaScript without dependencies, for the Node of a fresh machine (20 or
// newer): installs what the lock file names, then hands over to the Node 24 that comes with it.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const inRoot = (path) => join(root, path);

function fail(message) {
  process.stderr.write(`\n${message}\n`);
  process.exit(1);
}

function install() {
  const marker = inRoot('node_modules/.package-lock.json');
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync(inRoot('package-lock.json')).mtimeMs) return;
  process.stdout.write('Installing dependencies (once, about a minute) …\n');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) fail('npm could not install the dependencies. Try again: npm ci');
}

function node24() {
  const windows = process.platform === 'win32';
  const bundled = inRoot(
    `node_modules/node-${windows ? 'win' : process.platform}-${process.arch}/bin/node${windows ? '.exe' : ''}`,
  );
  if (existsSync(bundled)) return bundled;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 24 || (major === 24 && minor >= 15)) return process.execPath;
  return fail(
    `Maru needs Node 24.15 or newer and has no copy for ${process.platform}-${process.arch}. Install it: https://nodejs.org`,
  );
}

install();
const node = node24();
const env = {
  ...process.env,
  PATH: [dirname(node), inRoot('node_modules/.bin'), process.env.PATH].join(process.platform === 'win32' ? ';' : ':'),
};
// If this process is killed, the launcher goes too, and takes its engines along.
const tied = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL', '--', node] : [node];
const [command, ...prefix] = tied;
const [name, ...args] = process.argv.slice(2);
const LAUNCHER = 'apps/stack/src/main.ts';
const program = name === 'load' ? ['apps/loadgen/src/main.ts', ...args] : [LAUNCHER, name, ...args];
if (name === 'load') {
  // what is measured is what the sources say
  const { status } = spawnSync(node, [inRoot(LAUNCHER), 'build'], { cwd: root, env, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
const child = spawn(command, [...prefix, inRoot(program[0]), ...program.slice(1).filter((arg) => arg !== undefined)], {
  cwd: root,
  env,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
// npm was killed, not stopped: nobody is left to press Ctrl-C, so end in order.
const starter = process.ppid;
if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== starter && child.kill('SIGTERM'), 500).unref();
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
