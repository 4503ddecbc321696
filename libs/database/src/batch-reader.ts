const MAX_KEYS = 200;

interface Waiting<Key, Value> {
  key: Key;
  resolve: (value: Value) => void;
  reject: (error: unknown) => void;
}

/** Gathers what is asked for within one tick into one read of many keys. Answers come in the order of the keys. */
export class BatchReader<Key, Value> {
  private waiting: Waiting<Key, Value>[] = [];

  constructor(private readonly read: (keys: readonly Key[]) => Promise<Value[]>) {}

  load(key: Key): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ key, resolve, reject });
      if (this.waiting.length === 1) setImmediate(() => this.flush());
    });
  }

  private flush(): void {
    const all = this.waiting;
    this.waiting = [];
    for (let i = 0; i < all.length; i += MAX_KEYS) void this.answer(all.slice(i, i + MAX_KEYS));
  }

  private async answer(batch: readonly Waiting<Key, Value>[]): Promise<void> {
    try {
      const values = await this.read(batch.map(({ key }) => key));
      batch.forEach(({ resolve }, i) => resolve(values[i] as Value));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
