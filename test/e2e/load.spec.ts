import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSystem } from '../support/system.js';

const MAIN = join(import.meta.dirname, '../../apps/loadgen/src/main.ts');

describe('the load generator', async () => {
  const system = await startSystem();

  it('[G2] [G3] counts every delivery of a running system, reports it, and compares it with a baseline', async () => {
    const home = mkdtempSync(join(tmpdir(), 'maru-load-home-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    const load = async (...args: string[]): Promise<{ code: number; said: string }> => {
      const child = spawn(process.execPath, [MAIN, 'headline', '--url', system.url, ...args], {
        env: {
          ...process.env,
          MARU_HOME: home,
          DATABASE_URL: system.databaseUrl,
          REDIS_URL: system.redisUrl,
          JWT_SECRET: system.env['JWT_SECRET'],
        },
      });
      let said = '';
      child.stdout.on('data', (part: Buffer) => (said += part.toString()));
      const [code] = (await once(child, 'exit')) as [number];
      return { code, said };
    };
    const small = ['--clients', '40', '--seconds', '2', '--warmUp', '1'];

    const first = await load(...small, '--keep');
    expect(first.said).toContain('CLEAN: 120 sent, 120 acknowledged, 120 stored, refused: none');
    expect(first.said).toContain('1200 deliveries: nothing lost, doubled or out of order');
    expect(first.code).toBe(0);
    const folder = readdirSync(join(home, 'load')).find((name) => name.startsWith('headline')) ?? '';
    const page = readFileSync(join(home, 'load', folder, 'report.html'), 'utf8');
    expect(page).toContain('Nothing lost, doubled or out of order.');
    expect(page.match(/<svg/g)?.length).toBe(6);

    // a baseline that nothing can reach
    const kept = join(home, 'load/baselines/headline.json');
    const impossible = JSON.parse(readFileSync(kept, 'utf8')) as { ackedPerSecond: number };
    impossible.ackedPerSecond = 1_000_000;
    const baseline = join(home, 'impossible.json');
    writeFileSync(baseline, JSON.stringify(impossible));
    const second = await load(...small, '--baseline', baseline);
    expect(second.said).toContain(`REGRESSION against ${baseline}`);
    expect(second.code).toBe(1);
  });

  it('[G2] says what it is used like when it is used wrongly', async () => {
    const child = spawn(process.execPath, [MAIN, 'nonsense', '--clients', 'many']);
    let said = '';
    child.stdout.on('data', (part: Buffer) => (said += part.toString()));
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(1);
    expect(said).toContain('there is no scenario nonsense');
    expect(said).toContain('scenarios: headline, ramp-up');
  });
});
