import { createLogger } from '@maru/observability';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RateLimiter } from './rate-limiter.js';
import { connectRedis } from './redis-connection.js';

const logger = createLogger({ level: 'silent', node: 'test' });
const RATE = { name: 'test', perSecond: 1, burst: 3 };

async function limiter(url = process.env['TEST_REDIS_URL'] as string) {
  const redis = connectRedis(url, logger);
  onTestFinished(() => redis.disconnect());
  if (url === process.env['TEST_REDIS_URL']) await once(redis, 'ready');
  return { redis, limiter: new RateLimiter(redis) };
}

const outcomes = async (takes: Promise<void>[]): Promise<string[]> =>
  (await Promise.allSettled(takes)).map((take) =>
    take.status === 'fulfilled' ? 'taken' : (take.reason as { code: string }).code,
  );

describe('the rate limiter', () => {
  it('[L1] is one bucket for all nodes, and says how long to wait', async () => {
    const [a, b] = [await limiter(), await limiter()];
    const bucket = crypto.randomUUID();
    expect(await outcomes([a.limiter.take(bucket, RATE), a.limiter.take(bucket, RATE)])).toEqual(['taken', 'taken']);
    expect(await outcomes([b.limiter.take(bucket, RATE), b.limiter.take(bucket, RATE)])).toEqual([
      'taken',
      'rate-limited',
    ]);
    const refusal = await a.limiter.take(bucket, RATE).catch((error: unknown) => error as { retryAfterMs: number });
    expect(refusal?.retryAfterMs).toBeGreaterThan(0);
    expect(refusal?.retryAfterMs).toBeLessThanOrEqual(1_000);
  });

  it('[L1] takes a few tokens of a large bucket ahead, never more than it holds, and in order', async () => {
    const { redis, limiter: one } = await limiter();
    const { limiter: other } = await limiter();
    let calls = 0;
    const evalsha = redis.evalsha.bind(redis);
    redis.evalsha = ((...args: Parameters<typeof evalsha>) => (calls++, evalsha(...args))) as typeof redis.evalsha;
    const bucket = crypto.randomUUID();
    const large = { name: 'large', perSecond: 0.001, burst: 20 };
    for (let i = 0; i < 4; i++) await one.take(bucket, large);
    expect(calls).toBe(1);
    const order: number[] = [];
    const takes = Array.from({ length: 12 }, (_, i) => one.take(bucket, large).then(() => order.push(i)));
    await Promise.all(takes);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    // 16 are taken; of the other 4 some lie ahead at the one, and together they get no more
    let taken = 16;
    for (let turn = 0; turn < 4; turn++) {
      const outcome = await outcomes([one.take(bucket, large), other.take(bucket, large)]);
      taken += outcome.filter((what) => what === 'taken').length;
    }
    expect(taken).toBe(20);
  });

  it('[L1] keeps nobody waiting for a call who takes steadily from a large bucket', async () => {
    const { redis, limiter: one } = await limiter();
    const bucket = crypto.randomUUID();
    const large = { name: 'large', perSecond: 0.001, burst: 20 };
    for (let i = 0; i < 3; i++) await one.take(bucket, large);
    const fullAt = (): Promise<number> => redis.get(bucket).then(Number);
    const before = await fullAt();
    await one.take(bucket, large);
    await vi.waitFor(async () => expect(await fullAt()).toBeGreaterThan(before));
    // the call was answered before that question; a turn later its answer has been made use of
    await new Promise((resolve) => setImmediate(resolve));
    const ready = new Promise((resolve) => setImmediate(resolve, 'a turn later'));
    await expect(Promise.race([one.take(bucket, large).then(() => 'at once'), ready])).resolves.toBe('at once');
  });

  it('[L1] refuses nobody while a token that was taken ahead lies ready', async () => {
    const { limiter: one } = await limiter();
    const bucket = crypto.randomUUID();
    const five = { name: 'five', perSecond: 0.001, burst: 5 };
    // the first takes one ahead; the second uses it up, and the others come while more is about to be taken
    await one.take(bucket, five);
    expect(await outcomes(Array.from({ length: 9 }, () => one.take(bucket, five)))).toEqual([
      ...Array<string>(4).fill('taken'),
      ...Array<string>(5).fill('rate-limited'),
    ]);
  });

  it('[L1] decides all takes of a tick in one call', async () => {
    const { redis, limiter: one } = await limiter();
    let calls = 0;
    const evalsha = redis.evalsha.bind(redis);
    redis.evalsha = ((...args: Parameters<typeof evalsha>) => (calls++, evalsha(...args))) as typeof redis.evalsha;
    await Promise.all(Array.from({ length: 50 }, () => one.take(crypto.randomUUID(), RATE)));
    expect(calls).toBe(1);
  });

  it('[L1] loads its script again after Redis forgot it', async () => {
    const { redis, limiter: one } = await limiter();
    await one.take(crypto.randomUUID(), RATE);
    await redis.script('FLUSH');
    await expect(one.take(crypto.randomUUID(), RATE)).resolves.toBeUndefined();
  });

  it('[L2] goes on with buckets of its own while Redis is away', async () => {
    const { limiter: one } = await limiter('redis://127.0.0.1:1');
    const bucket = crypto.randomUUID();
    expect(await outcomes([1, 2, 3, 4].map(() => one.take(bucket, RATE)))).toEqual([
      'taken',
      'taken',
      'taken',
      'rate-limited',
    ]);
  });
});
