import type { SessionId, UserId } from '@maru/contract';
import { metrics } from '@maru/observability';
import type { RedisClient } from '@maru/redis';
import { createAdapter } from '@socket.io/redis-adapter';
import type { ChatServer } from './chat-socket.js';

const COUNT_MS = 1_000;
const ofUser = (id: UserId): string => `u:${id}`;
const ofSession = (id: SessionId): string => `s:${id}`;

/**
 * Reaches the sockets of a session or a person on every node, over Socket.IO's Redis adapter. While Redis is away it
 * reaches none; who must not depend on that looks into the database.
 */
export class ControlPlane {
  private server: ChatServer | undefined;

  constructor(
    private readonly publisher: RedisClient,
    private readonly subscriber: RedisClient,
  ) {}

  attach(server: ChatServer): void {
    this.server = server;
    server.adapter(
      createAdapter(guarded(this.publisher), resubscribing(this.subscriber), { requestsTimeout: COUNT_MS }),
    );
    server.on('maru:count', (answer: (sockets: number) => void) => answer(server.sockets.sockets.size));
    server.use((socket, next) => {
      const { userId, sessionId } = socket.data.viewer.identity;
      void socket.join([ofUser(userId), ofSession(sessionId)]);
      next();
    });
  }

  endSession(id: SessionId): void {
    this.server?.in(ofSession(id)).disconnectSockets(true);
  }

  endUser(id: UserId): void {
    this.server?.in(ofUser(id)).disconnectSockets(true);
  }

  /** Sockets of each node that answers, this one first. */
  async count(): Promise<number[]> {
    const here = this.server?.sockets.sockets.size ?? 0;
    const asked = this.server?.serverSideEmitWithAck('maru:count') as Promise<number[]> | undefined;
    // without Redis the adapter never answers
    const late = new Promise<number[]>((resolve) => setTimeout(() => resolve([]), 2 * COUNT_MS));
    const elsewhere = await Promise.race([
      late,
      asked?.catch((error: { responses?: number[] }) => error.responses ?? []) ?? [],
    ]);
    return [here, ...elsewhere];
  }

  close(): void {
    this.publisher.disconnect();
    this.subscriber.disconnect();
  }
}

/** The adapter waits for none of its promises: a rejected one would end the process. */
function guarded(redis: RedisClient): RedisClient {
  return new Proxy(redis, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(value, target, args);
        if (!(result instanceof Promise)) return result;
        return result.catch(() => metrics.controlPlaneFailures.inc());
      };
    },
  });
}

/** Subscribes whenever the connection is ready, also for what was asked for while it was not. */
function resubscribing(redis: RedisClient): RedisClient {
  const asked: (() => unknown)[] = [];
  const careful = guarded(redis);
  redis.on('ready', () => asked.forEach((ask) => ask()));
  return new Proxy(careful, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name !== 'subscribe' && name !== 'psubscribe') return value;
      return (...args: unknown[]): void => {
        const ask = (): unknown => (value as (...given: unknown[]) => unknown)(...args);
        asked.push(ask);
        if (redis.status === 'ready') ask();
      };
    },
  });
}
