import { metrics, type Logger } from '@maru/observability';
import { Redis, type RedisOptions } from 'ioredis';

/** Milliseconds. */
const COMMAND_MS = 250;
const SILENCE_MS = 2_000;

/** Counts what it sends. */
class CountingRedis extends Redis {
  private readonly sent: { inc(): void };

  constructor(url: string, purpose: string, options: RedisOptions & { replyMapping?: 'legacy' }) {
    super(url, options);
    this.sent = metrics.redisCommands.labels({ purpose });
  }

  override sendCommand(...sent: Parameters<Redis['sendCommand']>): unknown {
    this.sent.inc();
    return super.sendCommand(...sent);
  }
}

/**
 * A connection on which commands fail at once while Redis is away, instead of waiting in a queue: everything that
 * uses Redis has another way. It reconnects by itself and is never awaited at start. `commandMs`: the longest that a
 * command may take, where that is more than usual because it waits for something.
 */
export function connectRedis(url: string, logger: Logger, purpose = 'commands', commandMs = COMMAND_MS): Redis {
  const redis = new CountingRedis(url, purpose, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    // nobody would catch what it rejects with: who subscribes does so again at each 'ready'
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandMs,
    // nothing comes although something was asked for: a black hole, which only a new connection leaves
    socketTimeout: Math.max(commandMs, SILENCE_MS),
    connectTimeout: 1_000,
    retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 1_000),
  });
  let up: boolean | undefined;
  const turned = (now: boolean, reason?: string): void => {
    metrics.redisUp.set({ purpose }, now ? 1 : 0);
    if (up === now) return;
    up = now;
    if (now) logger.info({ purpose }, 'redis is up');
    else logger.warn({ purpose, reason }, 'redis is away; what needs it is degraded');
  };
  redis.on('ready', () => turned(true));
  redis.on('error', (error: Error) => turned(false, error.message));
  redis.on('close', () => turned(false, 'connection closed'));
  return redis;
}
