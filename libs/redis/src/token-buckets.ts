/** Tokens per second, sustained, and how many may be taken at once. */
export interface Rate {
  perSecond: number;
  burst: number;
}

/** The same buckets as scripts/take-tokens.lua, in this process, with a bound on their number. */
export class TokenBuckets {
  private readonly fullAt = new Map<string, number>();

  constructor(
    private readonly limit = 50_000,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Returns 0 when a token was taken, else the milliseconds until one can be. */
  take(bucket: string, { perSecond, burst }: Rate): number {
    const now = this.now();
    const interval = 1_000 / perSecond;
    const after = Math.max(this.fullAt.get(bucket) ?? now, now) + interval;
    const early = after - now - interval * burst;
    if (early > 1e-6) return Math.ceil(early);
    this.fullAt.delete(bucket);
    this.fullAt.set(bucket, after);
    if (this.fullAt.size > this.limit) this.forgetOldest();
    return 0;
  }

  private forgetOldest(): void {
    const [oldest] = this.fullAt.keys();
    if (oldest !== undefined) this.fullAt.delete(oldest);
  }
}
