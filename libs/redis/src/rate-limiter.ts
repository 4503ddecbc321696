import { ChatError } from '@maru/contract';
import { metrics } from '@maru/observability';
import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';
import { z } from 'zod';
import { LuaScript } from './lua-script.js';
import type { RedisClient } from './redis-connection.js';
import { inSlots } from './slots.js';
import { TokenBuckets, type Rate } from './token-buckets.js';

const takeTokens = new LuaScript('take-tokens', z.array(z.number()));

/** A rate as people and dashboards know it. */
export interface Limit extends Rate {
  name: string;
}

interface Take {
  bucket: string;
  rate: Limit;
  lease: Lease;
  decided: (waitMs: number) => void;
}

/** Tokens that were taken ahead for one bucket, and what of it is being asked. */
interface Lease {
  left: number;
  /** They are given up then: a bucket that is not used here is for other nodes. */
  until: number;
  asked: number;
}

/** A bucket's next tokens are taken with the one that is asked for: most takes then cost no call. */
const AHEAD = 3;
/** No more than this part of a full bucket. */
const AHEAD_OF_BURST = 1 / 5;
const LEASE_MS = 5_000;
const LEASES_MAX = 50_000;

/** Calls are at least this far apart, milliseconds: each costs both sides more than what it decides. */
const GATHER_MS = 3;

/**
 * Buckets in Redis, shared by all nodes; while it is away, buckets of this node. All takes of a tick are one call; what
 * is taken while a call is under way, or right after one, goes into the next. A few tokens of large buckets are taken
 * ahead and given without a call. Takes of one bucket are decided in the order in which they came.
 */
export class RateLimiter {
  private waiting: Take[] = [];
  private scheduled = false;
  private askedAt = Number.NEGATIVE_INFINITY;
  private readonly local = new TokenBuckets();
  private readonly leases = new Map<string, Lease>();
  /** One failure is enough: the next second is decided here, without waiting for Redis. */
  private readonly breaker = circuitBreaker(handleAll, { halfOpenAfter: 1_000, breaker: new ConsecutiveBreaker(1) });

  constructor(private readonly redis: RedisClient) {}

  /** Refuses by throwing `rate-limited`, so the caller's happy path stays a straight line. */
  take(bucket: string, rate: Limit): Promise<void> {
    const lease = this.leaseOf(bucket);
    if (lease.asked === 0 && tookOf(lease)) return Promise.resolve();
    lease.asked++;
    return new Promise((resolve, reject) => {
      const decided = (waitMs: number): void => {
        if (waitMs <= 0) return resolve();
        metrics.rateLimited.inc({ limit: rate.name });
        reject(new ChatError('rate-limited', { retryAfterMs: waitMs }));
      };
      this.waiting.push({ bucket, rate, lease, decided });
      this.schedule();
    });
  }

  private leaseOf(bucket: string): Lease {
    const found = this.leases.get(bucket);
    if (found !== undefined) return found;
    const lease = { left: 0, until: 0, asked: 0 };
    this.leases.set(bucket, lease);
    if (this.leases.size > LEASES_MAX) this.forgetOldest();
    return lease;
  }

  private forgetOldest(): void {
    for (const [bucket, { asked }] of this.leases) {
      if (asked > 0) continue;
      this.leases.delete(bucket);
      return;
    }
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    const waitMs = this.askedAt + GATHER_MS - performance.now();
    if (waitMs <= 0) setImmediate(() => void this.flush());
    else setTimeout(() => void this.flush(), waitMs);
  }

  private async flush(): Promise<void> {
    const asking = this.waiting.filter((take) => !fromLease(take));
    this.waiting = [];
    this.askedAt = performance.now();
    if (asking.length > 0) {
      await Promise.all(inSlots(this.redis, asking, ({ bucket }) => bucket).map((some) => this.decide(some)));
    }
    this.scheduled = false;
    if (this.waiting.length > 0) this.schedule();
  }

  private async decide(asking: readonly Take[]): Promise<void> {
    // takes of one rate stand together: a rate is told once
    const runs = [...Map.groupBy(asking, ({ rate }) => rate)].flatMap(([rate, ofRate]) => runsOf(rate, ofRate));
    const takes = runs.flatMap((run) => run.takes);
    const answers = await this.ask(takes, runs.flatMap(argumentsOf));
    takes.forEach(({ lease, decided }, i) => {
      const answer = answers[i] ?? 0;
      lease.asked--;
      lease.left = Math.max(0, -answer);
      lease.until = performance.now() + LEASE_MS;
      decided(Math.max(0, answer));
    });
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

/** Takes of one rate, and how many tokens each takes ahead. */
interface Run {
  rate: Rate;
  takes: readonly Take[];
  ahead: number;
}

/** Ahead is taken only by who is alone: several takes of a bucket would take from each other. */
function runsOf(rate: Rate, takes: readonly Take[]): Run[] {
  const alone = takes.filter(({ lease }) => lease.asked === 1);
  const several = takes.filter(({ lease }) => lease.asked > 1);
  const ahead = Math.min(AHEAD, Math.floor(rate.burst * AHEAD_OF_BURST));
  return [
    { rate, takes: alone, ahead },
    { rate, takes: several, ahead: 0 },
  ].filter((run) => run.takes.length > 0);
}

/** How many, microseconds per token, tokens of a full bucket, how many ahead. */
const argumentsOf = ({ rate: { perSecond, burst }, takes, ahead }: Run): number[] => [
  takes.length,
  Math.round(1_000_000 / perSecond),
  burst,
  ahead,
];

function tookOf(lease: Lease): boolean {
  if (lease.left === 0 || performance.now() >= lease.until) return false;
  lease.left--;
  return true;
}

function fromLease({ lease, decided }: Take): boolean {
  if (!tookOf(lease)) return false;
  lease.asked--;
  decided(0);
  return true;
}
