import { ChatError } from '@maru/contract';
import { metrics } from '@maru/observability';
import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { LuaScript } from './lua-script.js';
import { TokenBuckets, type Rate } from './token-buckets.js';

const takeTokens = new LuaScript('take-tokens', z.array(z.number()));

/** A rate as people and dashboards know it. */
export interface Limit extends Rate {
  name: string;
}

interface Take {
  bucket: string;
  rate: Limit;
  decided: (waitMs: number) => void;
}

/** Calls are at least this far apart, milliseconds: each costs both sides more than what it decides. */
const GATHER_MS = 3;

/**
 * Buckets in Redis, shared by all nodes; while it is away, buckets of this node. All takes of a tick are one call; what
 * is taken while a call is under way, or right after one, goes into the next.
 */
export class RateLimiter {
  private waiting: Take[] = [];
  private scheduled = false;
  private askedAt = Number.NEGATIVE_INFINITY;
  private readonly local = new TokenBuckets();
  /** One failure is enough: the next second is decided here, without waiting for Redis. */
  private readonly breaker = circuitBreaker(handleAll, { halfOpenAfter: 1_000, breaker: new ConsecutiveBreaker(1) });

  constructor(private readonly redis: Redis) {}

  /** Refuses by throwing `rate-limited`, so the caller's happy path stays a straight line. */
  take(bucket: string, rate: Limit): Promise<void> {
    return new Promise((resolve, reject) => {
      const decided = (waitMs: number): void => {
        if (waitMs <= 0) return resolve();
        metrics.rateLimited.inc({ limit: rate.name });
        reject(new ChatError('rate-limited', { retryAfterMs: waitMs }));
      };
      this.waiting.push({ bucket, rate, decided });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    const waitMs = this.askedAt + GATHER_MS - performance.now();
    if (waitMs <= 0) setImmediate(() => void this.flush());
    else setTimeout(() => void this.flush(), waitMs);
  }

  private async flush(): Promise<void> {
    // takes of one rate stand together: a rate is told once
    const byRate = Map.groupBy(this.waiting, ({ rate }) => rate);
    const takes = [...byRate.values()].flat();
    this.waiting = [];
    this.askedAt = performance.now();
    const answers = await this.ask(takes, ratesOf(byRate));
    takes.forEach((take, i) => take.decided(answers[i] ?? 0));
    this.scheduled = false;
    if (this.waiting.length > 0) this.schedule();
  }

  private async ask(takes: readonly Take[], rates: readonly number[]): Promise<number[]> {
    try {
      return await this.breaker.execute(() =>
        takeTokens.run(
          this.redis,
          takes.map((take) => take.bucket),
          rates,
        ),
      );
    } catch {
      metrics.rateLimiterFallback.inc(takes.length);
      return takes.map((take) => this.local.take(take.bucket, take.rate));
    }
  }
}

/** For each run of takes with one rate: how many, microseconds per token, tokens of a full bucket. */
function ratesOf(byRate: ReadonlyMap<Rate, readonly Take[]>): number[] {
  return [...byRate].flatMap(([{ perSecond, burst }, ofRate]) => [
    ofRate.length,
    Math.round(1_000_000 / perSecond),
    burst,
  ]);
}
