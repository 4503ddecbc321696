import { ChatError } from '@maru/contract';
import { metrics } from '@maru/observability';
import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { LuaScript } from './lua-script.js';
import { TokenBuckets, type Rate } from './token-buckets.js';

const takeTokens = new LuaScript('take-tokens', z.array(z.number()));

interface Take {
  bucket: string;
  rate: Rate;
  decided: (waitMs: number) => void;
}

/** Buckets in Redis, shared by all nodes; while it is away, buckets of this node. All takes of a tick are one call. */
export class RateLimiter {
  private waiting: Take[] = [];
  private readonly local = new TokenBuckets();
  /** One failure is enough: the next second is decided here, without waiting for Redis. */
  private readonly breaker = circuitBreaker(handleAll, { halfOpenAfter: 1_000, breaker: new ConsecutiveBreaker(1) });

  constructor(private readonly redis: Redis) {}

  /** Refuses by throwing `rate-limited`, so the caller's happy path stays a straight line. */
  async take(bucket: string, rate: Rate): Promise<void> {
    const waitMs = await new Promise<number>((decided) => {
      this.waiting.push({ bucket, rate, decided });
      if (this.waiting.length === 1) setImmediate(() => void this.flush());
    });
    if (waitMs > 0) throw new ChatError('rate-limited', { retryAfterMs: waitMs });
  }

  private async flush(): Promise<void> {
    const takes = this.waiting;
    this.waiting = [];
    const answers = await this.ask(takes);
    takes.forEach((take, i) => take.decided(answers[i] ?? 0));
  }

  private async ask(takes: readonly Take[]): Promise<number[]> {
    try {
      return await this.breaker.execute(() =>
        takeTokens.run(
          this.redis,
          takes.map((take) => take.bucket),
          takes.flatMap(({ rate }) => [Math.round(1_000_000 / rate.perSecond), rate.burst]),
        ),
      );
    } catch {
      metrics.rateLimiterFallback.inc(takes.length);
      return takes.map((take) => this.local.take(take.bucket, take.rate));
    }
  }
}
