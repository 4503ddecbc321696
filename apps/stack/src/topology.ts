import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, TOOLS } from './binaries.ts';
import { chatNode, SERVER } from './chat-node.ts';
import { databaseUrl, mariaDb } from './mariadb.ts';
import { HOME, inRoot } from './paths.ts';
import { freePort } from './ports.ts';
import { redis, redisUrl } from './redis.ts';
import { Advice, type Report, step } from './report.ts';
import { run } from './run.ts';
import type { Service } from './service.ts';

export interface TopologyOptions {
  /** Keeps data, logs, ports and secrets. */
  folder: string;
  report: Report;
  /** Of the nodes; engines named here (DATABASE_URL, REDIS_URL) are used and not started. */
  env?: NodeJS.ProcessEnv;
  host?: string;
  /** Of the first node. */
  port?: number;
  internalPort?: number;
  replica?: { delayS?: number };
  databaseArgs?: readonly string[];
  /** Work that must be done before a node can start; runs beside the start of the engines. */
  build?: () => Promise<void>;
  /** 0 starts the engines only. */
  nodes?: 0 | 1;
}

interface Kept {
  secret: string;
  password: string;
  ports: Record<string, number>;
  /** Names of the migrations that this folder's database has seen. */
  migrated?: string;
}

export interface Topology {
  url: string;
  databaseUrl: string;
  replicaUrl: string | undefined;
  redisUrl: string;
  /** What a node is started with; tests read the secret from here. */
  env: NodeJS.ProcessEnv;
  /** In the order in which they stop. */
  services: Partial<Record<'node' | 'redis' | 'replica' | 'database', Service>>;
  stop: () => Promise<void>;
}

/** Engines and nodes as child processes, ready to be used. On failure everything that was started is stopped. */
export async function startTopology(options: TopologyOptions): Promise<Topology> {
  const { folder, report } = options;
  mkdirSync(folder, { recursive: true });
  const kept = readKept(folder);
  const port = async (name: string): Promise<number> => (kept.ports[name] = await freePort(kept.ports[name]));
  const logFile = (name: string): string => join(folder, 'logs', `${name}.log`);
  const given = { ...process.env, ...options.env };
  const services: Topology['services'] = {};
  const stop = async (): Promise<void> => {
    for (const service of Object.values(ordered(services))) await service.stop();
  };

  const start = async (): Promise<Topology> => {
    const engines = async (): Promise<{ database: string; replica: string | undefined; redis: string }> => {
      const database = given['DATABASE_URL'] ?? (await startDatabase());
      const replica = options.replica === undefined ? undefined : await startReplica(options.replica);
      return { database, replica, redis: given['REDIS_URL'] ?? (await startRedis()) };
    };
    const startDatabase = async (): Promise<string> => {
      const program = await binary(TOOLS.mariadb, report);
      const at = await port('database');
      services.database = await mariaDb({
        binary: program,
        folder: join(folder, 'mariadb'),
        logFile: logFile('mariadb'),
        port: at,
        password: kept.password,
        primary: options.replica !== undefined,
        extraArgs: options.databaseArgs ?? [],
      });
      await step(report, `MariaDB on 127.0.0.1:${at}`, () => (services.database as Service).start());
      return databaseUrl(at, kept.password);
    };
    const startReplica = async ({ delayS }: { delayS?: number }): Promise<string> => {
      const at = await port('replica');
      services.replica = await mariaDb({
        binary: await binary(TOOLS.mariadb, report),
        folder: join(folder, 'mariadb-replica'),
        logFile: logFile('mariadb-replica'),
        port: at,
        password: kept.password,
        replicaOf: { port: kept.ports['database'] as number, ...(delayS === undefined ? {} : { delayS }) },
      });
      await step(report, `MariaDB replica on 127.0.0.1:${at}`, () => (services.replica as Service).start());
      return databaseUrl(at, kept.password);
    };
    const startRedis = async (): Promise<string> => {
      const program = await binary(TOOLS.redis, report);
      const at = await port('redis');
      services.redis = redis({
        binary: program,
        folder: join(folder, 'redis'),
        logFile: logFile('redis'),
        port: at,
        password: kept.password,
      });
      await step(report, `Redis on 127.0.0.1:${at}`, () => (services.redis as Service).start());
      return redisUrl(at, kept.password);
    };

    const [urls] = await Promise.all([engines(), options.build?.()]);
    const env: NodeJS.ProcessEnv = {
      JWT_SECRET: kept.secret,
      NODE_COMPILE_CACHE: join(HOME, 'compile-cache'),
      HOST: options.host ?? '127.0.0.1',
      ...given,
      DATABASE_URL: urls.database,
      REDIS_URL: urls.redis,
      ...(urls.replica === undefined ? {} : { DATABASE_REPLICA_URLS: urls.replica }),
    };
    const url = {
      port: options.port ?? (await port('node')),
      internal: options.internalPort ?? (await port('internal')),
    };
    // a database of ours that has seen these migrations needs no look: that start is the one people wait for
    const migrations = readdirSync(inRoot('migrations/dist')).join(' ');
    if (services.database === undefined || kept.migrated !== migrations) {
      const migrated = await run(process.execPath, [join(SERVER, 'migrate.js')], { env, log: logFile('migrate') });
      if (migrated.code !== 0) throw new Advice(`The database could not be migrated:\n${migrated.output.trim()}`);
      kept.migrated = migrations;
    }
    if (options.nodes !== 0) {
      services.node = chatNode({
        name: 'node-1',
        logFile: logFile('node-1'),
        port: url.port,
        internalPort: url.internal,
        env,
      });
      await step(report, `node-1 on ${env['HOST']}:${url.port}`, () => (services.node as Service).start());
    }
    writeKept(folder, kept);
    return {
      url: `http://${isEveryAddress(env['HOST'] as string) ? '127.0.0.1' : env['HOST']}:${url.port}`,
      databaseUrl: urls.database,
      replicaUrl: urls.replica,
      redisUrl: urls.redis,
      env,
      services: ordered(services),
      stop,
    };
  };
  return start().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
}

const isEveryAddress = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** Who depends on another stops before it. */
function ordered(services: Topology['services']): Topology['services'] {
  const { node, redis: cache, replica, database } = services;
  const all = { node, redis: cache, replica, database };
  return Object.fromEntries(Object.entries(all).filter(([, service]) => service !== undefined));
}

function readKept(folder: string): Kept {
  const path = join(folder, 'secrets.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Kept;
  const kept = { secret: randomBytes(36).toString('base64url'), password: randomBytes(18).toString('hex'), ports: {} };
  writeKept(folder, kept);
  return kept;
}

function writeKept(folder: string, kept: Kept): void {
  writeFileSync(join(folder, 'secrets.json'), JSON.stringify(kept, null, 2), { mode: 0o600 });
}
