import { metrics, type Logger } from '@maru/observability';
import type { Database } from './database.js';

const BEAT_MS = 1_000;
/** Beats that are remembered; a replica that is further behind than the first of them is told as that far behind. */
const BEATS = 3_600;

/**
 * Writes a row on the primary every second and looks whether a replica has it when the next second comes. That needs
 * neither a right to ask the server nor a second clock.
 */
export class ReplicaLag {
  private readonly timer: NodeJS.Timeout;
  /** Written and not yet seen on a replica, oldest first. */
  private beats: number[] = [];
  private busy = false;
  private answers = true;

  constructor(
    private readonly database: Database,
    private readonly node: string,
    private readonly logger: Logger,
  ) {
    this.timer = setInterval(() => void this.beat(), BEAT_MS);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async beat(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    await this.look().then(
      () => this.turned(true),
      (error: Error) => this.turned(false, error.message),
    );
    const [oldest] = this.beats;
    metrics.replicaLag.set(oldest === undefined ? 0 : (Date.now() - oldest) / 1_000);
    await this.write().catch((error: Error) =>
      this.logger.debug({ reason: error.message }, 'the lag of a replica could not be measured'),
    );
    this.busy = false;
  }

  private turned(answers: boolean, reason?: string): void {
    if (this.answers === answers) return;
    this.answers = answers;
    if (answers) this.logger.info('a replica answers again');
    else this.logger.warn({ reason }, 'a replica of DATABASE_REPLICA_URLS does not answer; the primary is read');
  }

  private async write(): Promise<void> {
    const now = Date.now();
    await this.database.write((transaction) =>
      transaction.execute(
        'INSERT INTO replica_beats (node, beat) VALUES (?, ?) ON DUPLICATE KEY UPDATE beat = VALUES(beat)',
        [this.node, now],
      ),
    );
    if (this.beats.length < BEATS) this.beats.push(now);
  }

  private async look(): Promise<void> {
    const [row] = await this.database.replica<{ beat: number }>('SELECT beat FROM replica_beats WHERE node = ?', [
      this.node,
    ]);
    const seen = row?.beat ?? 0;
    this.beats = this.beats.filter((beat) => beat > seen);
  }
}
