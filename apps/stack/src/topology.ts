import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, TOOLS } from './binaries.ts';
import { balancer } from './balancer.ts';
import { chatNode, SERVER } from './chat-node.ts';
import { kafka, kafkaBroker } from './kafka.ts';
import { kafkaJars } from './kafka-jars.ts';
import { databaseUrl, mariaDb } from './mariadb.ts';
import { HOME, inRoot } from './paths.ts';
import { freePort } from './ports.ts';
import { prometheus, prometheusUrl } from './prometheus.ts';
import { redis, redisUrl } from './redis.ts';
import { formCluster, MASTERS, redisClusterUrl, redisServers } from './redis-cluster.ts';
import { Advice, type Report, step } from './report.ts';
import { run } from './run.ts';
import type { Service } from './service.ts';

export interface TopologyOptions {
  /** Keeps data, logs, ports and secrets. */
  folder: string;
  report: Report;
  /** Of the nodes; engines named here (DATABASE_URL, REDIS_URL, KAFKA_BROKERS) are used and not started. */
  env?: NodeJS.ProcessEnv;
  host?: string;
  /** Of the address that people use: the one node, or the balancer of several. */
  port?: number;
  /** Of the first node. */
  internalPort?: number;
  replica?: { delayS?: number };
  databaseArgs?: readonly string[];
  databaseEnv?: NodeJS.ProcessEnv;
  /** Redis is a cluster of three masters, each with so many replicas. */
  redisCluster?: { replicas: number };
  /** Events go over Kafka; EVENTS=kafka asks for it, too. */
  kafka?: boolean;
  /** Prometheus watches all of it, every so many seconds. */
  observe?: { everyS?: number };
  /** Work that must be done before a node can start; runs beside the start of the engines. */
  build?: () => Promise<void>;
  /** 0 starts the engines only; several stand behind HAProxy. */
  nodes?: number;
}

interface Kept {
  secret: string;
  password: string;
  ports: Record<string, number>;
  /** Names of the migrations that this folder's database has seen. */
  migrated?: string;
}

type Engines = Partial<Record<'balancer' | 'prometheus' | 'kafka' | 'redis' | 'replica' | 'database', Service>>;

export interface Topology {
  url: string;
  databaseUrl: string;
  replicaUrl: string | undefined;
  redisUrl: string;
  /** The servers of a Redis Cluster, the masters first. */
  redisServers: readonly Service[];
  kafkaBrokers: string | undefined;
  prometheusUrl: string | undefined;
  /** What a node is started with; tests read the secret from here. */
  env: NodeJS.ProcessEnv;
  engines: Engines;
  nodes: readonly Service[];
  /** Where each node is by itself, past the balancer. */
  nodeUrls: readonly string[];
  /** Everything that runs, in the order in which it stops: who depends on another stops before it. */
  services: () => readonly Service[];
  stop: () => Promise<void>;
}

/** Engines and nodes as child processes, ready to be used. On failure everything that was started is stopped. */
export async function startTopology(options: TopologyOptions): Promise<Topology> {
  const { folder, report } = options;
  mkdirSync(join(folder, 'logs'), { recursive: true });
  const kept = readKept(folder);
  const port = async (name: string): Promise<number> => (kept.ports[name] = await freePort(kept.ports[name]));
  const logFile = (name: string): string => join(folder, 'logs', `${name}.log`);
  const given = { ...process.env, ...options.env };
  const engines: Engines = {};
  const cluster: Service[] = [];
  const nodes: Service[] = [];
  const services = (): Service[] => {
    const { balancer: proxy, prometheus: watcher, kafka: broker, redis: cache, replica, database } = engines;
    const all = [...nodes, proxy, watcher, broker, cache, ...cluster, replica, database];
    return all.filter((service) => service !== undefined);
  };
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
    for (const service of services()) await service.stop();
  };

  const start = async (): Promise<Topology> => {
    const startEngines = async (): Promise<{ database: string; replica: string | undefined; redis: string }> => {
      const database = given['DATABASE_URL'] ?? (await startDatabase());
      const replica = options.replica === undefined ? undefined : await startReplica(options.replica);
      return { database, replica, redis: given['REDIS_URL'] ?? (await startRedis()) };
    };
    const startDatabase = async (): Promise<string> => {
      const program = await binary(TOOLS.mariadb, report);
      const at = await port('database');
      engines.database = await mariaDb({
        binary: program,
        folder: join(folder, 'mariadb'),
        logFile: logFile('mariadb'),
        port: at,
        password: kept.password,
        primary: options.replica !== undefined,
        extraArgs: options.databaseArgs ?? [],
        extraEnv: options.databaseEnv ?? {},
      });
      await step(report, `MariaDB on 127.0.0.1:${at}`, () => (engines.database as Service).start());
      return databaseUrl(at, kept.password);
    };
    const startReplica = async ({ delayS }: { delayS?: number }): Promise<string> => {
      const at = await port('replica');
      engines.replica = await mariaDb({
        binary: await binary(TOOLS.mariadb, report),
        folder: join(folder, 'mariadb-replica'),
        logFile: logFile('mariadb-replica'),
        port: at,
        password: kept.password,
        replicaOf: { port: kept.ports['database'] as number, ...(delayS === undefined ? {} : { delayS }) },
      });
      await step(report, `MariaDB replica on 127.0.0.1:${at}`, () => (engines.replica as Service).start());
      return databaseUrl(at, kept.password);
    };
    const startRedis = async (): Promise<string> => {
      if (options.redisCluster !== undefined) return startRedisCluster(options.redisCluster.replicas);
      const program = await binary(TOOLS.redis, report);
      const at = await port('redis');
      engines.redis = redis({
        binary: program,
        folder: join(folder, 'redis'),
        logFile: logFile('redis'),
        port: at,
        password: kept.password,
      });
      await step(report, `Redis on 127.0.0.1:${at}`, () => (engines.redis as Service).start());
      return redisUrl(at, kept.password);
    };
    const startRedisCluster = async (replicas: number): Promise<string> => {
      const places = [];
      for (let i = 1; i <= MASTERS * (1 + replicas); i++) {
        const name = `redis-${i}`;
        const at = { folder: join(folder, name), logFile: logFile(name) };
        places.push({ ...at, port: await port(name), busPort: await port(`${name}-bus`) });
      }
      const servers = { binary: await binary(TOOLS.redis, report), password: kept.password, places };
      cluster.push(...redisServers(servers));
      await step(report, `Redis Cluster of ${places.length} servers`, async () => {
        await Promise.all(cluster.map((server) => server.start()));
        await formCluster(servers);
      });
      return redisClusterUrl(servers);
    };

    const startKafka = async (): Promise<string | undefined> => {
      if (options.kafka !== true && given['EVENTS'] !== 'kafka') return undefined;
      if (given['KAFKA_BROKERS']) return given['KAFKA_BROKERS'];
      const java = await binary(TOOLS.java, report);
      const jars = await kafkaJars(report);
      const at = await port('kafka');
      const controllerPort = await port('kafka-controller');
      const place = { folder: join(folder, 'kafka'), logFile: logFile('kafka'), port: at, controllerPort };
      engines.kafka = await kafka({ java, jars, ...place });
      await step(report, `Kafka on ${kafkaBroker(at)}`, () => (engines.kafka as Service).start());
      return kafkaBroker(at);
    };

    const [urls, kafkaBrokers] = await allOf([startEngines(), startKafka(), options.build?.()]);
    const env: NodeJS.ProcessEnv = {
      JWT_SECRET: kept.secret,
      NODE_COMPILE_CACHE: join(HOME, 'compile-cache'),
      HOST: options.host ?? '127.0.0.1',
      ...given,
      DATABASE_URL: urls.database,
      REDIS_URL: urls.redis,
      ...(urls.replica === undefined ? {} : { DATABASE_REPLICA_URLS: urls.replica }),
      ...(kafkaBrokers === undefined ? {} : { EVENTS: 'kafka', KAFKA_BROKERS: kafkaBrokers }),
    };
    // a database of ours that has seen these migrations needs no look: that start is the one people wait for
    const migrations = readdirSync(inRoot('migrations/dist')).join(' ');
    if (engines.database === undefined || kept.migrated !== migrations) {
      const migrated = await run(process.execPath, [join(SERVER, 'migrate.js')], { env, log: logFile('migrate') });
      if (migrated.code !== 0) throw new Advice(`The database could not be migrated:\n${migrated.output.trim()}`);
      kept.migrated = migrations;
    }
    const count = options.nodes ?? 1;
    const behindBalancer = count > 1;
    const address = { host: env['HOST'] as string, port: options.port ?? (await port('node')) };
    const places: { name: string; host: string; port: number; internalPort: number; relayPort: number }[] = [];
    for (let i = 1; i <= count; i++) {
      const name = `node-${i}`;
      places.push({
        name,
        ...(behindBalancer ? { host: '127.0.0.1', port: await port(name) } : address),
        internalPort: i === 1 && options.internalPort ? options.internalPort : await port(`${name}-internal`),
        relayPort: await port(`${name}-relay`),
      });
    }
    for (const place of places) {
      const proxied = behindBalancer ? { TRUSTED_PROXIES: '127.0.0.1' } : {};
      nodes.push(chatNode({ ...place, logFile: logFile(place.name), env: { ...proxied, ...env } }));
    }
    const statsPort = behindBalancer ? await port('haproxy-stats') : undefined;
    const startPrometheus = async ({ everyS }: { everyS?: number }): Promise<string> => {
      const program = await binary(TOOLS.prometheus, report);
      const at = { folder: join(folder, 'prometheus'), logFile: logFile('prometheus'), port: await port('prometheus') };
      engines.prometheus = prometheus({ binary: program, ...at, everyS, nodes: places, statsPort });
      await step(report, `Prometheus on ${prometheusUrl(at.port)}`, () => (engines.prometheus as Service).start());
      return prometheusUrl(at.port);
    };
    const startNode = (node: Service, i: number): Promise<void> =>
      step(report, `${places[i]?.name} on ${places[i]?.host}:${places[i]?.port}`, () => node.start());
    const [watchedAt] = await allOf([
      options.observe === undefined ? Promise.resolve(undefined) : startPrometheus(options.observe),
      Promise.all(nodes.map(startNode)),
      undefined,
    ]);
    if (statsPort !== undefined) {
      const program = await binary(TOOLS.haproxy, report);
      const at = { folder: join(folder, 'haproxy'), logFile: logFile('haproxy'), url: urlOf(address), ...address };
      engines.balancer = balancer({ binary: program, ...at, statsPort, nodes: places });
      await step(report, `HAProxy on ${address.host}:${address.port}`, () => (engines.balancer as Service).start());
    }
    writeKept(folder, kept);
    return {
      url: urlOf(address),
      databaseUrl: urls.database,
      replicaUrl: urls.replica,
      redisUrl: urls.redis,
      redisServers: cluster,
      kafkaBrokers,
      prometheusUrl: watchedAt,
      env,
      engines,
      nodes,
      nodeUrls: places.map(urlOf),
      services,
      stop,
    };
  };
  return start().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
}

/** Waits for each even if one fails: what is still starting could not be stopped. */
async function allOf<A, B, C>(works: [Promise<A>, Promise<B>, C]): Promise<[A, B, Awaited<C>]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}

const EVERY_ADDRESS = new Set(['0.0.0.0', '::']);
const urlOf = ({ host, port }: { host: string; port: number }): string =>
  `http://${EVERY_ADDRESS.has(host) ? '127.0.0.1' : host}:${port}`;

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
