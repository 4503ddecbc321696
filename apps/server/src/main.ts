import 'reflect-metadata';
import { createHmac } from 'node:crypto';
import { type Config, ConfigError, loadConfig } from '@maru/config';
import { assertDurability, Database, DurabilityError, RefusedError, ReplicaLag } from '@maru/database';
import { migrations } from '@maru/migrations';
import { createEventStream, EventPublisher, EventServer, type EventStream } from '@maru/events';
import { createLogger, metrics, type Logger } from '@maru/observability';
import { ReadCursors } from '@maru/read-cursors';
import { connectRedis, NodeLeases, type RedisClient } from '@maru/redis';
import { ControlPlane } from '@maru/realtime';
import { GrpcLink, NodeDirectory, RedisLink, Relay } from '@maru/relay';
import { ChangeWriter, LogDelivery, LogWriter } from '@maru/room-log';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { uuidv7 } from 'uuidv7';
import { calmBackgroundThreads } from './background-threads.js';
import { createChatApplication } from './chat-application.js';
import { InternalModule, NodeState } from './operations/index.js';

/** A shutdown that takes longer than this is ended, milliseconds. */
const SHUTDOWN_MS = 25_000;
/** How long a balancer needs to notice that this node is not ready any more. */
const NOTICE_MS = 1_200;
const HOUR_MS = 3_600_000;

class StartError extends Error {}

async function start(config: Config, logger: Logger): Promise<void> {
  const state = new NodeState(config.NODE_NAME);
  const internal = await NestFactory.create<NestFastifyApplication>(InternalModule.with(state), new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  await internal.listen(config.INTERNAL_PORT, config.INTERNAL_HOST);

  const database = await Database.connect(
    {
      url: config.DATABASE_URL,
      replicaUrls: config.DATABASE_REPLICA_URLS,
      poolSize: config.DATABASE_POOL_SIZE,
      migrations,
    },
    logger,
  );
  await assertDurability(database, config.DATABASE_ALLOW_WEAK_DURABILITY, logger);
  if (await database.pendingMigrations())
    throw new StartError(`The database needs migrating: ${process.execPath} apps/server/dist/migrate.js`);
  const replicaLag =
    config.DATABASE_REPLICA_URLS.length === 0 ? undefined : new ReplicaLag(database, config.NODE_NAME, logger);
  const redis = connectRedis(config.REDIS_URL, logger);

  const relay = createRelay(config, redis, logger);

  const controlPlane = new ControlPlane(
    connectRedis(config.REDIS_URL, logger, 'control plane publisher'),
    connectRedis(config.REDIS_URL, logger, 'control plane subscriber'),
  );
  const events = openEvents(config, logger);
  const publisher = new EventPublisher(events, logger);
  const cursors = new ReadCursors(redis, database, logger);
  const { app, sockets } = await createChatApplication({
    config,
    logger,
    database,
    redis,
    relay,
    controlPlane,
    publisher,
    cursors,
  });
  if (config.ROLE !== 'serve') app.connectMicroservice({ strategy: new EventServer(events, logger) });
  let stopping = false;
  const stop = async (reason: string, exitCode: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    state.current = 'draining';
    logger.info({ reason }, 'stopping');
    setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
    if (exitCode === 0 && relay.hasPeers) {
      // the balancer must have seen /readyz before anybody comes back
      await new Promise((resolve) => setTimeout(resolve, NOTICE_MS));
      await sockets.drain();
    }
    await Promise.all([app.get(LogWriter).close(), app.get(ChangeWriter).close()]);
    app.get(LogDelivery).close();
    await app.close();
    await publisher.close();
    await events.close();
    await cursors.close();
    await relay.close();
    controlPlane.close();
    replicaLag?.close();
    await database.close();
    redis.disconnect();
    await internal.close();
    logger.info('stopped');
    process.exit(exitCode);
  };
  process.on('SIGTERM', () => void stop('SIGTERM', 0));
  process.on('SIGINT', () => void stop('SIGINT', 0));
  const failed = (error: unknown): void => {
    metrics.unhandledRejections.inc();
    logger.fatal({ err: error }, 'an error that nobody caught');
    void stop('unhandled error', 1);
  };
  process.on('unhandledRejection', failed);
  process.on('uncaughtException', failed);

  const answers = (question: Promise<unknown>): Promise<boolean> =>
    question.then(
      () => true,
      () => false,
    );
  state.dependencies = {
    primary: () => answers(database.fresh('SELECT 1')),
    redis: () => answers(redis.ping()),
    relay: async () => !relay.broken,
  };
  state.sockets = () => controlPlane.count();
  await app.startAllMicroservices();
  const address = config.ROLE === 'consume' ? await app.init().then(() => undefined) : await listen(app, relay, config);
  await calmBackgroundThreads().catch((error: unknown) => {
    logger.warn({ err: error }, 'garbage collection may delay what people wait for');
  });
  state.current = 'ready';
  logger.info({ url: address, internal: await internal.getUrl() }, 'ready');
}

async function listen(app: NestFastifyApplication, relay: Relay, config: Config): Promise<string> {
  await relay.start();
  await app.listen(config.PORT, config.HOST);
  return app.getUrl();
}

function createRelay(config: Config, redis: RedisClient, logger: Logger): Relay {
  const { NODE_NAME: name, RELAY_HOST, RELAY_PORT, JWT_SECRET } = config;
  const link =
    config.RELAY === 'redis'
      ? new RedisLink(config.REDIS_URL, name, logger)
      : new GrpcLink({ nodeName: name, host: RELAY_HOST, port: RELAY_PORT, secret: JWT_SECRET }, logger);
  const directory = new NodeDirectory(new NodeLeases(redis), digestOfSetup(config), logger);
  return new Relay({ name, incarnation: uuidv7() }, link, directory, logger);
}

/** Equal on nodes that can work together; tells nothing of the secret. */
function digestOfSetup({ JWT_SECRET, RELAY, EVENTS }: Config): string {
  return createHmac('sha256', JWT_SECRET).update(`${RELAY} ${EVENTS}`).digest('base64url').slice(0, 16);
}

function openEvents(config: Config, logger: Logger): EventStream {
  const { EVENTS: driver, NODE_NAME: consumer, KAFKA_BROKERS: brokers, REDIS_URL: url } = config;
  const keptMs = config.EVENTS_KEPT_HOURS * HOUR_MS;
  return driver === 'kafka'
    ? createEventStream({ driver, brokers, consumer, keptMs }, logger)
    : createEventStream({ driver, url, consumer, keptMs, keptEntries: config.EVENTS_KEPT }, logger);
}

function configuration(): Config {
  try {
    return loadConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

const config = configuration();
const logger = createLogger({ level: config.LOG_LEVEL, node: config.NODE_NAME });
start(config, logger).catch((error: unknown) => {
  const expected = [DurabilityError, RefusedError, StartError].some((kind) => error instanceof kind);
  const { syscall, code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (expected) logger.fatal((error as Error).message);
  else if (syscall === 'listen') {
    logger.fatal(`Cannot listen on ${address}:${port} (${code}): see HOST, PORT, INTERNAL_HOST and INTERNAL_PORT.`);
  } else logger.fatal({ err: error }, 'could not start');
  process.exit(1);
});
