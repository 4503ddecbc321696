import { metrics } from '@maru/observability';

/** Says how busy the connections to one role of server are. */
export class PoolMeter {
  private readonly inUse;
  private readonly idle;
  private readonly waiting;

  constructor(
    readonly role: 'primary' | 'replica',
    size: number,
  ) {
    this.inUse = metrics.databasePool.labels({ role, state: 'in use' });
    this.idle = metrics.databasePool.labels({ role, state: 'idle' });
    this.waiting = metrics.databasePool.labels({ role, state: 'waiting' });
    if (size === 0) return;
    this.inUse.set(0);
    this.idle.set(size);
    this.waiting.set(0);
  }

  async wait(connection: Promise<unknown>): Promise<void> {
    this.waiting.inc();
    await connection.finally(() => this.waiting.dec());
  }

  use<T>(work: Promise<T>): Promise<T> {
    this.inUse.inc();
    this.idle.dec();
    return work.finally(() => {
      this.inUse.dec();
      this.idle.inc();
    });
  }
}
