import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PASSWORD, person, roomOf, startSystem, until } from '../support/system.js';

const { url } = await startSystem();
const LIBRARY = join(import.meta.dirname, '../../libs/client');

describe('the packed client library', () => {
  it('[W9] installs elsewhere and does what its README shows', async () => {
    const project = mkdtempSync(join(tmpdir(), 'maru-project-'));
    onTestFinished(() => rmSync(project, { recursive: true }));
    const npm = (...args: string[]): string =>
      execFileSync('npm', args, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    npm('pack', LIBRARY, '--pack-destination', project);
    const [tarball = ''] = readdirSync(project);
    writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
    npm('install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`);
    const [, example = ''] = /```js\n(.*?)```/s.exec(readFileSync(join(LIBRARY, 'README.md'), 'utf8')) ?? [];
    writeFileSync(join(project, 'example.js'), example);

    const ann = await person(url);
    const room = await roomOf(ann);
    ann.room(room.id).open();
    const script = spawn(process.execPath, ['example.js'], {
      cwd: project,
      env: {
        MARU_URL: url,
        MARU_NAME: ann.session.store.get().person?.name,
        MARU_PASSWORD: PASSWORD,
        MARU_ROOM: room.id,
      },
    });
    onTestFinished(() => void script.kill());
    let output = '';
    for (const stream of [script.stdout, script.stderr])
      stream.on('data', (part: Buffer) => (output += part.toString()));
    await until(() => expect(output).toBe('3 Hello from a script\n'));
    ann.room(room.id).send('Hello back');
    await until(() => expect(output).toBe('3 Hello from a script\n4 Hello back\n'));
  });
});
