import { createHash } from 'node:crypto';
import { ChatError } from '@maru/contract';
import { Database } from '@maru/database';
import { metrics } from '@maru/observability';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

export interface AttemptLimit {
  /** For dashboards. */
  name: string;
  max: number;
  windowMs: number;
}

const SWEEP_MS = 10 * 60_000;
const SWEEP_ROWS = 5_000;

/**
 * Counts what may be tried only so often. It lies in the database, so that it holds across nodes and whether or not
 * Redis is there; next to hashing a password its cost does not matter. Addresses and names are stored as hashes.
 */
@Injectable()
export class AttemptsRepository implements OnModuleInit, OnModuleDestroy {
  private sweeper: NodeJS.Timeout | undefined;

  constructor(private readonly database: Database) {}

  onModuleInit(): void {
    this.sweeper = setInterval(() => void this.sweep().catch(() => {}), SWEEP_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.sweeper);
  }

  /** Counts one try in the current window. Throws `rate-limited` beyond the limit. */
  async count(bucket: string, { name, max, windowMs }: AttemptLimit): Promise<void> {
    const now = Date.now();
    const window = Math.floor(now / windowMs);
    const tried = await this.database.write(async (transaction) => {
      const key = hash(bucket);
      await transaction.execute(
        `INSERT INTO attempts (bucket, window_start, expires_at, attempts) VALUES (?, ?, ?, 1)
         ON DUPLICATE KEY UPDATE attempts = IF(window_start = VALUES(window_start), attempts + 1, 1),
           window_start = VALUES(window_start), expires_at = VALUES(expires_at)`,
        [key, window, new Date((window + 1) * windowMs)],
      );
      const [row] = await transaction.select<{ attempts: number }>('SELECT attempts FROM attempts WHERE bucket = ?', [
        key,
      ]);
      return row?.attempts ?? 1;
    });
    if (tried <= max) return;
    metrics.rateLimited.inc({ limit: name });
    throw new ChatError('rate-limited', { retryAfterMs: (window + 1) * windowMs - now });
  }

  async clear(bucket: string): Promise<void> {
    await this.database.write((transaction) =>
      transaction.execute('DELETE FROM attempts WHERE bucket = ?', [hash(bucket)]),
    );
  }

  private async sweep(): Promise<void> {
    await this.database.write((transaction) =>
      transaction.execute('DELETE FROM attempts WHERE expires_at < ? LIMIT ?', [new Date(), SWEEP_ROWS]),
    );
  }
}

const hash = (bucket: string): Buffer => createHash('sha256').update(bucket).digest();
