import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DirectWriter } from './direct-writer.js';

let server: Server;
let here: Socket;
let there: Socket;

beforeEach(async () => {
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  there = connect((server.address() as { port: number }).port, '127.0.0.1');
  [here] = (await accepted) as [Socket];
});

afterEach(() => {
  here.destroy();
  there.destroy();
  server.close();
});

test('what is written arrives, at once where nothing waits', async () => {
  const writer = new DirectWriter(here);
  writer.write(Buffer.from('one '));
  expect(writer.waiting).toBe(0);
  writer.write(Buffer.from('two'));
  here.end();
  expect((await buffer(there)).toString()).toBe('one two');
});

test('whoever does not read gets everything later, in order, also what went by the stream itself', async () => {
  const writer = new DirectWriter(here);
  const parts: Buffer[] = [];
  const add = (write: (part: Buffer) => unknown): void => {
    const part = Buffer.alloc(100_003, `${parts.length} `);
    parts.push(part);
    write(part);
  };
  while (parts.length < 200 || writer.waiting === 0) add((part) => writer.write(part));
  add((part) => here.write(part));
  add((part) => writer.write(part));
  expect(writer.waiting).toBeGreaterThan(0);
  here.end();
  expect((await buffer(there)).equals(Buffer.concat(parts))).toBe(true);
});

test('nothing is written to whatever has the descriptor after this socket', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maru-descriptor-'));
  const writer = new DirectWriter(here);
  const descriptor = (here as unknown as { _handle: { fd: number } })._handle.fd;
  here.destroy();
  const opened: number[] = [];
  try {
    // the lowest free number is given out: sooner or later it is this one
    while (!opened.includes(descriptor)) opened.push(openSync(join(folder, `${opened.length}`), 'w'));
    writer.write(Buffer.from('not yours'));
    expect(opened.map((_, i) => readFileSync(join(folder, `${i}`), 'utf8')).join('')).toBe('');
  } finally {
    opened.forEach(closeSync);
    rmSync(folder, { recursive: true });
  }
});
