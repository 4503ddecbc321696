import { metrics, type Logger } from '@maru/observability';
import { connectRedis, keys, type RedisClient } from '@maru/redis';
import { FRAME_MAX, type Link, type Peer, QUEUE_MAX } from './link.js';

const PING_MS = 1_000;
/** After a failed publish nothing is tried for this long, milliseconds. */
const REST_MS = 250;

/** One channel per node, so that all rooms of a tick travel together. Sharded pub/sub where the server has it. */
export class RedisLink implements Link {
  private readonly publisher: RedisClient;
  private readonly subscriber: RedisClient;
  private readonly pinger: NodeJS.Timeout;
  private waiting = 0;
  private restsUntil = 0;

  constructor(
    url: string,
    private readonly nodeName: string,
    logger: Logger,
  ) {
    this.publisher = connectRedis(url, logger, 'relay publisher');
    this.subscriber = connectRedis(url, logger, 'relay subscriber');
    this.pinger = setInterval(() => this.ping(), PING_MS);
  }

  async start(receive: (frame: Buffer) => void): Promise<string> {
    const take = (_channel: Buffer, frame: Buffer): void => receive(frame);
    this.subscriber.on('smessageBuffer', take).on('messageBuffer', take);
    const subscribe = (): void => void this.subscribe().catch(() => this.subscriber.disconnect(true));
    this.subscriber.on('ready', subscribe);
    if (this.subscriber.status === 'ready') subscribe();
    return keys.relay(this.nodeName);
  }

  setPeers(): void {}

  send({ address }: Peer, frame: Buffer): void {
    if (frame.length > FRAME_MAX || this.waiting + frame.length > QUEUE_MAX || performance.now() < this.restsUntil) {
      metrics.relayFramesDropped.inc();
      return;
    }
    this.waiting += frame.length;
    this.publish(address, frame)
      .catch(() => {
        metrics.relayFramesDropped.inc();
        this.restsUntil = performance.now() + REST_MS;
      })
      .finally(() => (this.waiting -= frame.length));
  }

  async close(): Promise<void> {
    clearInterval(this.pinger);
    this.publisher.disconnect();
    this.subscriber.disconnect();
  }

  private async publish(channel: string, frame: Buffer): Promise<void> {
    if (this.publisher.status !== 'ready') throw new Error('not connected');
    if (await isSharded(this.publisher)) await this.publisher.spublish(channel, frame);
    else await this.publisher.publish(channel, frame);
  }

  private async subscribe(): Promise<void> {
    const channel = keys.relay(this.nodeName);
    if (await isSharded(this.subscriber)) await this.subscriber.ssubscribe(channel);
    else await this.subscriber.subscribe(channel);
  }

  /**
   * A connection into a black hole says nothing by itself; only a question that is not answered shows it. A cluster's
   * client asks any of its servers, so that an answer would say nothing of this connection.
   */
  private ping(): void {
    if (this.subscriber.status === 'ready' && !this.subscriber.isCluster)
      this.subscriber.ping().catch(() => this.subscriber.disconnect(true));
  }
}

const sharded = new WeakMap<RedisClient, Promise<boolean>>();

/** Sharded pub/sub came with Redis 7. Both ends talk to the same server, so they come to the same answer. */
function isSharded(redis: RedisClient): Promise<boolean> {
  const known = sharded.get(redis);
  if (known !== undefined) return known;
  const asked = redis.info('server').then((info) => Number(/^redis_version:(\d+)/m.exec(info)?.[1] ?? 0) >= 7);
  sharded.set(redis, asked);
  asked.catch(() => sharded.delete(redis));
  return asked;
}
