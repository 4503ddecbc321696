import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Binary } from './binaries.ts';
import { Service } from './service.ts';

export interface RedisOptions {
  binary: Binary;
  folder: string;
  logFile: string;
  port: number;
  password: string;
  /** What a server of a cluster is started with besides. */
  extraArgs?: readonly string[];
}

export const redisUrl = (port: number, password: string): string => `redis://:${password}@127.0.0.1:${port}`;

/** A private Redis that keeps nothing on disk: everything in it can be rebuilt. */
export function redis({ binary, folder, logFile, port, password, extraArgs = [] }: RedisOptions): Service {
  mkdirSync(folder, { recursive: true });
  // not on the command line, where everybody on the machine reads it
  const secrets = join(folder, 'redis.conf');
  writeFileSync(secrets, `requirepass ${password}\nmasterauth ${password}\n`, { mode: 0o600 });
  return new Service({
    name: 'Redis',
    command: binary.path,
    args: [
      secrets,
      '--port',
      `${port}`,
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--save',
      '',
      '--appendonly',
      'no',
      ...extraArgs,
    ],
    env: binary.env,
    logFile,
    answers: () => ping(port, password),
  });
}

function ping(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`AUTH ${password}\r\nPING\r\n`));
    let answer = '';
    const done = (up: boolean): void => {
      socket.destroy();
      resolve(up);
    };
    socket.setTimeout(1_000, () => done(false));
    socket.on('error', () => done(false));
    socket.on('data', (part) => {
      answer += part.toString();
      if (answer.includes('PONG')) done(true);
    });
  });
}
