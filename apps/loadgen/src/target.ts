import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTopology, type Topology, type TopologyOptions } from '@maru/stack';

/** What a load test must not meet. */
const LIMITS = {
  LIMIT_SEND_PER_SECOND: '100000',
  LIMIT_SEND_BURST: '100000',
  LIMIT_UNACKED_PER_SOCKET: '100000',
  LIMIT_CONNECTIONS_PER_IP: '100000',
  LIMIT_CONNECTIONS_PER_USER: '100',
  LIMIT_HANDSHAKES_PER_SECOND: '100000',
  LIMIT_ROOM_OPENS_PER_SECOND: '100000',
  LIMIT_READS_PER_SECOND: '100000',
  LIMIT_READS_BURST: '100000',
};

/** A system under load: one of our own, or one that runs already. */
export interface Target {
  url: string;
  /** Where a client connects, if not there. */
  urlOf?: (client: number) => string;
  databaseUrl: string;
  redisUrl: string;
  jwtSecret: string;
  /** Whose CPU time and memory are watched; empty where they run elsewhere. */
  processes: readonly { name: string; pid: number | undefined }[];
  /** Where each node tells its metrics. */
  metricsUrls: readonly string[];
}

/** Runs `work` on a private topology that is gone afterwards. */
export async function onTopology<T>(
  options: Partial<TopologyOptions>,
  work: (topology: Topology) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'maru-load-'));
  const topology = await startTopology({ report: () => {}, ...options, folder, env: { ...LIMITS, ...options.env } });
  try {
    return await work(topology);
  } finally {
    await topology.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs `work` on a private topology, or on the address of `--url`: then DATABASE_URL, REDIS_URL and JWT_SECRET must say
 * what that system uses, because people are made in its tables and what it stored is looked up there.
 */
export async function onTarget<T>(
  url: string | undefined,
  options: Partial<TopologyOptions>,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  if (url === undefined) return onTopology(options, (topology) => work(targetOf(topology)));
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, JWT_SECRET: jwtSecret } = process.env;
  if (!databaseUrl || !redisUrl || !jwtSecret) {
    throw new Error(`--url needs DATABASE_URL, REDIS_URL and JWT_SECRET of the system at ${url}`);
  }
  return work({ url, databaseUrl, redisUrl, jwtSecret, processes: [], metricsUrls: [] });
}

export function targetOf({ url, databaseUrl, redisUrl, env, nodes, engines }: Topology): Target {
  const { database, replica, redis, balancer, kafka } = engines;
  const parts = { database, replica, redis, balancer, kafka };
  return {
    url,
    databaseUrl,
    redisUrl,
    jwtSecret: env['JWT_SECRET'] ?? '',
    processes: [
      ...nodes.map(({ pid }, i) => ({ name: `node-${i + 1}`, pid })),
      ...Object.entries(parts).flatMap(([name, service]) => (service ? [{ name, pid: service.pid }] : [])),
      { name: 'generator', pid: process.pid },
    ],
    metricsUrls: nodes.map(({ spec }) => `http://127.0.0.1:${spec.env?.['INTERNAL_PORT']}/metrics`),
  };
}
