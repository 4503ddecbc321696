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
  /** Missing where nobody waits: the tokens are for later. */
  decided?: (waitMs: number) => void;
}

/** Tokens that were taken ahead for one bucket, and what of it is being asked. */
interface Lease {
  left: number;
  /** They are given up then: a bucket that is not used here is for other nodes. */
  until: number;
  asked: number;
}

/** How many tokens of a bucket may lie ready here: they are taken with one that is asked for, and again when used up. */
const AHEAD = 3;
/** No more than this part of a full bucket. */
const AHEAD_OF_BURST = 1 / 5;
const LEASE_MS = 5_000;
const LEASES_MAX = 50_000;

/** Calls are at least this far apart, milliseconds: each costs both sides more than what it decides. */
const GATHER_MS = 3;
/** How long a bucket whose tokens are used up waits for other such buckets, while nobody waits for it. */
const TOP_UP_MS = 50;

/**
 * Buckets in Redis, shared by all nodes; while it is away, buckets of this node. All takes of a tick are one call; what
 * is taken while a call is under way, or right after one, goes into the next. A few tokens of large buckets are taken
 * ahead, so that who sends steadily waits for no call. Takes of one bucket are decided in the order in which they came.
 */
export class RateLimiter {
  private waiting: Take[] = [];
  private topUps: Take[] = [];
  private topUpTimer: NodeJS.Timeout | undefined;
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
    if (lease.asked === 0 && tookOf(lease)) {
      if (lease.left === 0) this.topUp({ bucket, rate, lease });
      return Promise.resolve();
    }
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

  private topUp(take: Take): void {
    take.lease.asked++;
    this.topUps.push(take);
    this.topUpTimer ??= setTimeout(() => {
      this.topUpTimer = undefined;
      this.schedule();
    }, TOP_UP_MS);
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
    const topUps = this.topUps.filter((take) => !isMadeNeedless(take));
    const asking = [...topUps, ...this.waiting.filter((take) => !fromLease(take))];
    clearTimeout(this.topUpTimer);
    this.topUpTimer = undefined;
    this.topUps = [];
    this.waiting = [];
    this.askedAt = performance.now();
    if (asking.length > 0) {
      await Promise.all(inSlots(this.redis, asking, ({ bucket }) => bucket).map((some) => this.decide(some)));
    }
    this.scheduled = false;
    const isOverdue = this.topUps.length > 0 && this.topUpTimer === undefined;
    if (this.waiting.length > 0 || isOverdue) this.schedule();
  }

  private async decide(asking: readonly Take[]): Promise<void> {
    // takes of one rate stand together: a rate is told once
    const runs = [...Map.groupBy(asking, ({ rate }) => rate)].flatMap(([rate, ofRate]) => runsOf(rate, ofRate));
    const takes = runs.flatMap((run) => run.takes);
    const answers = await this.ask(takes, runs.flatMap(argumentsOf));
    takes.forEach(({ lease, decided }, i) => {
      const answer = answers[i] ?? 0;
      lease.asked--;
      if (answer <= 0) lease.left += decided === undefined ? 1 - answer : -answer;
      lease.until = performance.now() + LEASE_MS;
      decided?.(Math.max(0, answer));
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
  const ahead = Math.min(AHEAD, Math.floor(rate.burst * AHEAD_OF_BURST));
  const runs = Map.groupBy(takes, ({ lease, decided }) => {
    if (lease.asked > 1) return 0;
    return decided === undefined ? ahead - 1 : ahead;
  });
  return [...runs].map(([more, ofRun]) => ({ rate, takes: ofRun, ahead: more }));
}

/** How many, microseconds per token, tokens of a full bucket, how many ahead. */
const argumentsOf = ({ rate: { perSecond, burst }, takes, ahead }: Run): number[] => [
  takes.length,
  Math.round(1_000_000 / perSecond),
  burst,
  ahead,
];

function tookOf(lease: Lease): boolean {
  if (performance.now() >= lease.until) lease.left = 0;
  if (lease.left === 0) return false;
  lease.left--;
  return true;
}

/** Who waits for the bucket would be refused the token that this one takes ahead for nobody. */
function isMadeNeedless({ lease }: Take): boolean {
  if (lease.asked === 1) return false;
  lease.asked--;
  return true;
}

function fromLease({ lease, decided }: Take): boolean {
  if (!tookOf(lease)) return false;
  lease.asked--;
  decided?.(0);
  return true;
}
