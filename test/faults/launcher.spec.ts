import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { rest, until } from '../support/system.js';

const ENTRY = join(import.meta.dirname, '../../apps/stack/bin/maru.js');
const home = mkdtempSync(join(tmpdir(), 'maru-home-'));

function maru(...args: string[]): { child: ChildProcess; said: () => string; ended: Promise<unknown> } {
  const { NODE_ENV: _vitest, ...env } = process.env;
  const child = spawn(process.execPath, [ENTRY, ...args], { env: { ...env, MARU_HOME: home }, detached: true });
  let said = '';
  child.stdout.on('data', (part: Buffer) => (said += part.toString()));
  child.stderr.on('data', (part: Buffer) => (said += part.toString()));
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, said: () => said, ended: once(child, 'exit') };
}

const opened = (said: () => string): Promise<string> =>
  until(() => /Maru is open: +(\S+)[\s\S]*Stop:/.exec(said())?.[1] ?? expect.fail(said()));

/** Processes that work in the launcher's folder or for it. */
const left = (): string[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && pid !== String(process.pid))
    .flatMap((pid) => {
      try {
        const own = readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/environ`, 'utf8');
        const zombie = readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
        return own.includes(home) && !zombie ? [own.split('\0')[0] ?? pid] : [];
      } catch {
        return [];
      }
    });

describe('npm run up', () => {
  it('[O8] starts everything, says that it runs already, keeps data, heals, and stops in order', async () => {
    const first = maru('up', '--observe');
    const url = await opened(first.said);
    const accounts = [...first.said().matchAll(/^ {4}(hana|duri) {3}(\w+)$/gm)].map(([, name, password]) => ({
      name,
      password,
    }));
    expect(accounts).toHaveLength(2);
    const prometheus = /Prometheus: (http\S+)/.exec(first.said())?.[1] ?? expect.fail(first.said());
    expect((await fetch(`${prometheus}/api/v1/alerts`)).status).toBe(200);
    for (const body of accounts) expect((await rest(url, 'POST', '/api/auth/login', { body })).status).toBe(200);

    const second = maru('up');
    await second.ended;
    expect(second.said()).toContain(`running already (pid`);
    expect(second.said()).toContain(url);

    const status = maru('status');
    await status.ended;
    for (const [, pid] of status.said().matchAll(/pid (\d+)$/gm)) process.kill(Number(pid), 'SIGKILL');
    await until(() => expect(first.said().match(/is back/g)).toHaveLength(4));
    await until(async () =>
      expect((await rest(url, 'POST', '/api/auth/login', { body: accounts[0] })).status).toBe(200),
    );

    const down = maru('down');
    await Promise.all([down.ended, first.ended]);
    expect(first.said()).toContain('Data is kept');
    await until(() => expect(left()).toEqual([]));

    const again = maru('up');
    const sameUrl = await opened(again.said);
    for (const body of accounts) expect((await rest(sameUrl, 'POST', '/api/auth/login', { body })).status).toBe(200);
    again.child.kill('SIGINT');
    await again.ended;
    await until(() => expect(left()).toEqual([]));

    rmSync(join(home, 'demo.json'));
    const without = maru('up');
    await opened(without.said);
    expect(without.said()).toContain('demo.json with their passwords is gone');
    without.child.kill('SIGINT');
    await without.ended;
  });

  it.each(['launcher', 'entry'] as const)('[O8] kill -9 of the %s leaves nothing running', async (who) => {
    const up = maru('up');
    await opened(up.said);
    const { pid } = JSON.parse(readFileSync(join(home, 'running.json'), 'utf8')) as { pid: number };
    process.kill(who === 'launcher' ? pid : (up.child.pid as number), 'SIGKILL');
    await up.ended;
    await until(() => expect(left()).toEqual([]));
  });

  it('[O8] reset deletes the data', async () => {
    await maru('reset').ended;
    expect(readdirSync(home).filter((name) => ['mariadb', 'redis', 'prometheus', 'logs'].includes(name))).toEqual([]);
    rmSync(home, { recursive: true });
  });
});
