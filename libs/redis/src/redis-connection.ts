import { metrics, type Logger } from '@maru/observability';
import { Cluster, Redis, type RedisOptions } from 'ioredis';

/** Milliseconds. */
const COMMAND_MS = 250;
const SILENCE_MS = 2_000;
const RETRY_MAX_MS = 1_000;
/** A cluster's slots are asked for so often, also while nothing tells that they have moved, milliseconds. */
const SLOTS_MS = 5_000;
/** How often a command is sent again to where its slot is now, and the time in between, milliseconds. */
const REDIRECTIONS = 4;
const REDIRECT_MS = 50;
const REDIS_PORT = 6379;

/** The server answers, and refuses who asks. */
const REFUSED = /WRONGPASS|NOAUTH|NOPERM/;

const retryStrategy = (attempt: number): number => Math.min(50 * 2 ** attempt, RETRY_MAX_MS);

/** One server, or all masters of a Redis Cluster. */
export type RedisClient = Redis | Cluster;

type Legacy = { replyMapping?: 'legacy' };

/** Counts what it sends. */
class CountingRedis extends Redis {
  private readonly sent: { inc(): void };

  constructor(url: string, purpose: string, options: RedisOptions & Legacy) {
    super(url, options);
    this.sent = metrics.redisCommands.labels({ purpose });
  }

  override sendCommand(...sent: Parameters<Redis['sendCommand']>): unknown {
    this.sent.inc();
    return super.sendCommand(...sent);
  }
}

/** Its first nodes are told by address; the others are learnt from them, and so is which of them holds what. */
class CountingCluster extends Cluster {
  private readonly sent: { inc(): void };

  constructor(addresses: readonly string[], purpose: string, ofConnection: RedisOptions & Legacy) {
    const urls = addresses.map((address) => new URL(address));
    const { username = '', password = '', protocol } = urls[0] ?? {};
    super(
      urls.map(({ hostname, port }) => ({ host: hostname, port: Number(port || REDIS_PORT) })),
      {
        redisOptions: {
          ...ofConnection,
          ...(username === '' ? {} : { username: decodeURIComponent(username) }),
          ...(password === '' ? {} : { password: decodeURIComponent(password) }),
          ...(protocol === 'rediss:' ? { tls: {} } : {}),
        },
        enableOfflineQueue: false,
        shardedSubscribers: true,
        maxRedirections: REDIRECTIONS,
        retryDelayOnFailover: REDIRECT_MS,
        retryDelayOnClusterDown: REDIRECT_MS,
        retryDelayOnTryAgain: REDIRECT_MS,
        slotsRefreshInterval: SLOTS_MS,
        clusterRetryStrategy: retryStrategy,
        // certificates are for names
        ...(protocol === 'rediss:' ? { dnsLookup: (name, found) => found(null, name) } : {}),
      },
    );
    this.sent = metrics.redisCommands.labels({ purpose });
  }

  override sendCommand(...sent: Parameters<Cluster['sendCommand']>): unknown {
    this.sent.inc();
    return super.sendCommand(...sent);
  }
}

/**
 * A connection on which commands fail at once while Redis is away, instead of waiting in a queue: everything that
 * uses Redis has another way. It reconnects by itself and is never awaited at start. Several addresses, separated by
 * commas, are nodes of a Redis Cluster; the others are learnt from them. `commandMs`: the longest that a command may
 * take, where that is more than usual because it waits for something.
 */
export function connectRedis(url: string, logger: Logger, purpose = 'commands', commandMs = COMMAND_MS): RedisClient {
  const ofConnection = {
    maxRetriesPerRequest: 0,
    commandTimeout: commandMs,
    // nothing comes although something was asked for: a black hole, which only a new connection leaves
    socketTimeout: Math.max(commandMs, SILENCE_MS),
    connectTimeout: 1_000,
  };
  const addresses = url.split(',').map((address) => address.trim());
  const redis =
    addresses.length > 1
      ? new CountingCluster(addresses, purpose, ofConnection)
      : new CountingRedis(url, purpose, {
          ...ofConnection,
          enableOfflineQueue: false,
          autoResendUnfulfilledCommands: false,
          // nobody would catch what it rejects with: who subscribes does so again at each 'ready'
          autoResubscribe: false,
          retryStrategy,
        });
  let up: boolean | undefined;
  const turned = (now: boolean, reason?: string): void => {
    metrics.redisUp.set({ purpose }, now ? 1 : 0);
    if (up === now) return;
    up = now;
    if (now) logger.info({ purpose }, 'redis is up');
    else {
      const why = REFUSED.test(reason ?? '') ? 'refuses what REDIS_URL says' : 'is away';
      logger.warn({ purpose, reason }, `redis ${why}; what needs it is degraded`);
    }
  };
  redis.on('ready', () => {
    turned(true);
    if (purpose === 'commands' && !redis.isCluster) void warnOfCluster(redis, logger);
  });
  redis.on('error', (error: Error & { lastNodeError?: Error }) => {
    turned(false, [error.message, error.lastNodeError?.message].filter(Boolean).join(' '));
  });
  // a moment later it is known whether it was closed from here, for good
  redis.on('close', () => setImmediate(() => redis.status === 'end' || turned(false, 'connection closed')));
  redis.on('node error', (error: Error, node: string) => {
    logger.debug({ purpose, node, reason: error.message }, 'a node of the redis cluster is away');
  });
  return redis;
}

/** A server of a cluster that is taken for a single one refuses most commands. */
async function warnOfCluster(redis: RedisClient, logger: Logger): Promise<void> {
  const info = await redis.info('cluster').catch(() => '');
  if (!info.includes('cluster_enabled:1')) return;
  logger.error('REDIS_URL names one server of a Redis Cluster: list two or more of them, separated by commas');
}
