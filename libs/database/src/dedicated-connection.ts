import { metrics, type Logger } from '@maru/observability';
import { createConnection, type Connection } from 'mysql2';
import { DeadlineError, STATEMENT_MS, withDeadline } from './deadline.js';

/** A stopped node must not keep row locks: the server drops a connection that is silent for this long, seconds. */
const WAIT_TIMEOUT_S = 5;
const PING_MS = 2_000;

const SESSION = [
  "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
  `SET SESSION wait_timeout = ${WAIT_TIMEOUT_S}`,
  'SET SESSION innodb_lock_wait_timeout = 1',
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
].join('; ');

/**
 * One connection for one user that speaks in packets of several statements. It connects when asked to, and is given
 * up (never reused) once an answer is late: what the server then did is for the caller to find out.
 */
export class DedicatedConnection {
  private connection: Connection | undefined;
  private readonly pinger: NodeJS.Timeout;
  private busy = false;

  constructor(
    private readonly url: string,
    private readonly logger: Logger,
  ) {
    this.pinger = setInterval(() => this.ping(), PING_MS);
  }

  /** Throws the driver's error if the server is away. */
  async connect(): Promise<void> {
    if (this.connection !== undefined) return;
    const connection = createConnection({
      uri: this.url,
      multipleStatements: true,
      timezone: 'Z',
      charset: 'utf8mb4_unicode_ci',
      connectTimeout: 1_000,
      supportBigNumbers: true,
      // statements come complete: do not search them for placeholders
      queryFormat: (sql) => sql,
    });
    connection.on('error', (error) => {
      if (this.connection === connection) this.logger.warn({ reason: error.message }, 'writer lost its connection');
      this.forget(connection);
    });
    try {
      await this.ask(connection, SESSION);
      this.connection = connection;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  /** Resolves with one result per statement. After any error but one of SQL, the connection is gone. */
  async query(sql: string): Promise<unknown[]> {
    const connection = this.connection;
    if (connection === undefined) throw new DeadlineError('not connected');
    this.busy = true;
    try {
      return await this.ask(connection, sql);
    } catch (error) {
      if (error instanceof DeadlineError || (error as { fatal?: boolean }).fatal) this.forget(connection);
      throw error;
    } finally {
      this.busy = false;
    }
  }

  destroy(): void {
    if (this.connection !== undefined) this.forget(this.connection);
  }

  close(): void {
    clearInterval(this.pinger);
    this.destroy();
  }

  private ask(connection: Connection, sql: string): Promise<unknown[]> {
    metrics.databaseStatements.inc({ role: 'writer' });
    const answer = new Promise<unknown[]>((resolve, reject) => {
      connection.query(sql, (error, results) => (error ? reject(error) : resolve(results as unknown as unknown[])));
    });
    return withDeadline(answer, STATEMENT_MS, (late) => {
      late.catch(() => {});
      connection.destroy();
    });
  }

  private forget(connection: Connection): void {
    if (this.connection === connection) this.connection = undefined;
    connection.destroy();
  }

  private ping(): void {
    const connection = this.connection;
    if (connection === undefined || this.busy) return;
    withDeadline(
      new Promise<void>((resolve, reject) => connection.ping((error) => (error ? reject(error) : resolve()))),
      STATEMENT_MS,
      (late) => void late.catch(() => {}),
    ).catch(() => this.forget(connection));
  }
}
