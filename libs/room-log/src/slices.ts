/** The least of a turn of the event loop that goes to this work, milliseconds. */
const SLICE_MS = 0.4;
/** A slice lasts this part of the time that its oldest item has waited: under load neither side starves. */
const SLICE_OF_AGE = 1 / 32;
/** So many items that are done stay in the queue at most, where it never gets empty. */
const DONE_MAX = 1_000;

/**
 * Work in the order in which it was given, never at once but in slices of the turns that follow: between them the loop
 * reads the database's answers and new messages, so that acknowledgements do not wait for what is sent to others.
 */
export class Slices<T> {
  private waiting: { item: T; since: number }[] = [];
  private start = 0;
  private scheduled = false;

  constructor(private readonly work: (item: T) => void) {}

  get size(): number {
    return this.waiting.length - this.start;
  }

  add(item: T): void {
    this.waiting.push({ item, since: performance.now() });
    this.schedule();
  }

  /** Resolves once nothing waits. */
  async idle(): Promise<void> {
    while (this.scheduled) await new Promise((resolve) => setImmediate(resolve));
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.slice());
  }

  private slice(): void {
    const now = performance.now();
    const oldest = this.waiting[this.start]?.since ?? now;
    const end = now + Math.max(SLICE_MS, (now - oldest) * SLICE_OF_AGE);
    for (; this.start < this.waiting.length && performance.now() < end; this.start++) {
      this.work((this.waiting[this.start] as { item: T }).item);
    }
    this.scheduled = false;
    if (this.start === this.waiting.length || this.start >= DONE_MAX) {
      this.waiting = this.waiting.slice(this.start);
      this.start = 0;
    }
    if (this.waiting.length > 0) this.schedule();
  }
}
