/** Remembers for at least `ms`, at most twice as long, and at most `max` of each half: two maps that take turns. */
export class Recent<Key, Value> {
  private young = new Map<Key, Value>();
  private old = new Map<Key, Value>();
  private turnedAt = performance.now();

  constructor(
    private readonly ms: number,
    private readonly max: number,
  ) {}

  get(key: Key): Value | undefined {
    return this.young.get(key) ?? this.old.get(key);
  }

  set(key: Key, value: Value): void {
    const now = performance.now();
    if (now - this.turnedAt > this.ms || this.young.size >= this.max) {
      this.old = this.young;
      this.young = new Map();
      this.turnedAt = now;
    }
    this.young.set(key, value);
  }
}
