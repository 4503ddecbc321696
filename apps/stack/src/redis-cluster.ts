import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Binary } from './binaries.ts';
import { redis, redisUrl } from './redis.ts';
import { Advice } from './report.ts';
import { run } from './run.ts';
import type { Service } from './service.ts';

/** The least that Redis makes a cluster of. */
export const MASTERS = 3;
/** How long a server may be silent before the others take it for dead, milliseconds. */
const SILENT_MS = 1_000;

export interface RedisClusterOptions {
  binary: Binary;
  password: string;
  /** Of each server, the masters first; those after them are their replicas. */
  places: readonly { port: number; busPort: number; folder: string; logFile: string }[];
}

/** Private Redis servers that are to be one cluster, each with what it is to know of it. */
export const redisServers = ({ binary, password, places }: RedisClusterOptions): Service[] =>
  places.map(({ busPort, ...place }) =>
    redis({
      binary,
      password,
      ...place,
      extraArgs: [
        '--cluster-enabled',
        'yes',
        '--cluster-port',
        `${busPort}`,
        '--cluster-node-timeout',
        `${SILENT_MS}`,
        '--cluster-require-full-coverage',
        'no',
      ],
    }),
  );

/** Makes running servers one cluster, unless they are. */
export async function formCluster({ binary, password, places }: RedisClusterOptions): Promise<void> {
  const beside = join(dirname(binary.path), 'redis-cli');
  const cli = existsSync(beside) ? beside : 'redis-cli';
  const ask = (...args: string[]) =>
    run(cli, args, { env: { ...binary.env, REDISCLI_AUTH: password }, log: places[0]?.logFile as string });
  const info = await ask('-p', `${places[0]?.port}`, 'CLUSTER', 'INFO');
  if (info.output.includes('cluster_slots_assigned:16384')) return;
  const servers = places.map(({ port }) => `127.0.0.1:${port}`);
  const replicas = `${Math.floor(places.length / MASTERS) - 1}`;
  const formed = await ask('--cluster', 'create', ...servers, '--cluster-replicas', replicas, '--cluster-yes');
  if (formed.code !== 0) throw new Advice(`The Redis servers could not be made a cluster:\n${formed.output.trim()}`);
}

export const redisClusterUrl = ({ password, places }: RedisClusterOptions): string =>
  places.map(({ port }) => redisUrl(port, password)).join(',');
