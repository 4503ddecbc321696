/** Buckets grow by 2 %, from 0.05 ms; a quantile is the middle of its bucket, so that it is off by 1 % at most. */
const GROWTH = Math.log(1.02);
const FIRST_MS = 0.05;
const BUCKETS = 800;

/** Times of one kind by the second in which they were due. Its memory does not grow with what is recorded. */
export class Latencies {
  private readonly bySecond: Uint32Array[] = [];
  private readonly all = new Uint32Array(BUCKETS);
  private sum = 0;
  private largest = 0;
  count = 0;

  record(second: number, ms: number): void {
    const bucket = ms <= FIRST_MS ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log(ms / FIRST_MS) / GROWTH));
    const those = (this.bySecond[second] ??= new Uint32Array(BUCKETS));
    those[bucket] = (those[bucket] ?? 0) + 1;
    this.all[bucket] = (this.all[bucket] ?? 0) + 1;
    this.sum += ms;
    this.largest = Math.max(this.largest, ms);
    this.count++;
  }

  /** Milliseconds; null where nothing was recorded. */
  quantile(share: number, second?: number): number | null {
    const buckets = second === undefined ? this.all : this.bySecond[second];
    const total = second === undefined ? this.count : this.countOf(second);
    if (buckets === undefined || total === 0) return null;
    let left = Math.ceil(total * share);
    const found = buckets.findIndex((count) => (left -= count) <= 0);
    return FIRST_MS * Math.exp((found - 0.5) * GROWTH);
  }

  countOf(second: number): number {
    return this.bySecond[second]?.reduce((sum, count) => sum + count, 0) ?? 0;
  }

  /** The figures of the whole, milliseconds with two decimals. */
  summary(): Summary {
    const shown = (ms: number | null): number | null => (ms === null || this.count === 0 ? null : rounded(ms));
    return {
      count: this.count,
      avg: shown(this.sum / this.count),
      p50: shown(this.quantile(0.5)),
      p95: shown(this.quantile(0.95)),
      p99: shown(this.quantile(0.99)),
      max: shown(this.largest),
    };
  }
}

export interface Summary {
  count: number;
  avg: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
}

export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));
