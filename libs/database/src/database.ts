import { ChatError } from '@maru/contract';
import { metrics, type Logger } from '@maru/observability';
import { DataSource, type MigrationInterface, type MixedList, type QueryRunner } from 'typeorm';
import { ACQUIRE_MS, STATEMENT_MS, withDeadline } from './deadline.js';
import { isAway, isRefused, RefusedError, toRefusal } from './errors.js';
import { PoolMeter } from './pool-meter.js';

export interface DatabaseOptions {
  url: string;
  replicaUrls: readonly string[];
  /** Connections to each server. */
  poolSize: number;
  migrations?: MixedList<new () => MigrationInterface>;
}

export interface Written {
  affectedRows: number;
  insertId: number;
}

/** One transaction on the primary. Rolled back on any error, READ COMMITTED. */
export interface Transaction {
  select<Row>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
  execute(sql: string, params?: readonly unknown[]): Promise<Written>;
}

/** The server ends a transaction whose node says nothing for this long, seconds. */
const SILENCE_S = 5;
/** After a replica failed, reads go to the primary for this long, milliseconds. */
const REPLICA_REST_MS = 1_000;
/** A replica that hangs is left sooner than the primary: there is another place to ask. */
const REPLICA_STATEMENT_MS = 500;

/**
 * Every statement names how old its answer may be: `read` (a replica, where there is one, a moment behind), `fresh`
 * (the primary) or `write`. A server that is away throws ChatError `unavailable`; the pools recover by themselves.
 */
export class Database {
  private replicasRestUntil = 0;
  private readonly pools: { master: PoolMeter; slave: PoolMeter };
  private readonly hasReplicas: boolean;

  private constructor(
    private readonly source: DataSource,
    { replicaUrls, poolSize }: DatabaseOptions,
  ) {
    this.hasReplicas = replicaUrls.length > 0;
    this.pools = {
      master: new PoolMeter('primary', poolSize),
      slave: new PoolMeter('replica', poolSize * replicaUrls.length),
    };
  }

  /**
   * Waits for the primary, says for what it waits, and goes on when it comes. Ends when `signal` aborts, and with a
   * RefusedError where the server does not let this user in.
   */
  static async connect(options: DatabaseOptions, logger: Logger, signal?: AbortSignal): Promise<Database> {
    for (let attempt = 0; ; attempt++) {
      const source = dataSource(options);
      try {
        await withDeadline(
          source.initialize(),
          STATEMENT_MS,
          (late) => void late.then((s) => s.destroy()).catch(() => {}),
        );
        return new Database(source, options);
      } catch (error) {
        const { host } = new URL(options.url);
        if (isRefused(error)) {
          const { message } = error as Error;
          throw new RefusedError(`The database at ${host} refuses what DATABASE_URL says: ${message}`);
        }
        if (!isAway(error) || signal?.aborted) throw error;
        if (attempt % 10 === 0) {
          logger.warn({ reason: (error as Error).message }, `waiting for the database at ${host}`);
        }
        await new Promise((resolve) => setTimeout(resolve, Math.min(100 * 2 ** attempt, 1_000)));
      }
    }
  }

  /** May be a moment old. */
  async read<Row>(sql: string, params: readonly unknown[] = []): Promise<Row[]> {
    if (!this.hasReplicas || Date.now() < this.replicasRestUntil) return this.fresh(sql, params);
    try {
      return await this.replica<Row>(sql, params);
    } catch (error) {
      // whatever a replica cannot answer, be it that it has no such table yet, the primary can
      if (isAway(error)) this.replicasRestUntil = Date.now() + REPLICA_REST_MS;
      return this.fresh(sql, params);
    }
  }

  /** From a replica and from nowhere else: what is asked about the replica itself. Throws the driver's error. */
  async replica<Row>(sql: string, params: readonly unknown[] = []): Promise<Row[]> {
    return this.run('slave', (runner) => query<Row[]>(runner, sql, params, REPLICA_STATEMENT_MS));
  }

  /** The state now, from the primary: for whatever guards a write. */
  async fresh<Row>(sql: string, params: readonly unknown[] = []): Promise<Row[]> {
    return this.run('master', (runner) => query<Row[]>(runner, sql, params)).catch((error: unknown) => {
      throw toRefusal(error);
    });
  }

  /** Throws `unknown` when the connection was lost while COMMIT was under way: what was written may be there. */
  async write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.run('master', async (runner) => {
      await query(runner, 'SET TRANSACTION ISOLATION LEVEL READ COMMITTED', []);
      // a node that stops in the middle must not keep its row locks
      await query(runner, `SET SESSION wait_timeout = ${SILENCE_S}`, []);
      await query(runner, 'START TRANSACTION', []);
      try {
        const result = await work({
          select: (sql, params = []) => query(runner, sql, params),
          execute: (sql, params = []) => query(runner, sql, params),
        });
        await query(runner, 'COMMIT', []).catch((error: unknown) => {
          throw isAway(error) ? new ChatError('unknown', { retryAfterMs: 1_000, cause: error }) : error;
        });
        await letRest(runner);
        return result;
      } catch (error) {
        if (isAway(error) || (error instanceof ChatError && error.code === 'unknown')) destroy(runner);
        else
          await query(runner, 'ROLLBACK', []).then(
            () => letRest(runner),
            () => destroy(runner),
          );
        throw error;
      }
    }).catch((error: unknown) => {
      throw toRefusal(error);
    });
  }

  async pendingMigrations(): Promise<boolean> {
    return this.source.showMigrations();
  }

  /** Runs what is pending, one node at a time. Returns the names. */
  async migrate(): Promise<string[]> {
    return this.run('master', async (guard) => {
      await guard.query("SELECT GET_LOCK('maru_migrations', 60)");
      try {
        const done = await this.source.runMigrations({ transaction: 'none' });
        return done.map((migration) => migration.name);
      } finally {
        await guard.query("SELECT RELEASE_LOCK('maru_migrations')");
      }
    });
  }

  async close(): Promise<void> {
    await this.source.destroy();
  }

  private async run<T>(mode: 'master' | 'slave', work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = this.source.createQueryRunner(mode);
    const pool = this.pools[mode];
    try {
      const free = (): void => void runner.release().catch(() => {});
      await pool.wait(withDeadline(runner.connect(), ACQUIRE_MS, (late) => void late.then(free, free)));
      return await pool.use(work(runner));
    } catch (error) {
      if (isAway(error)) metrics.databaseErrors.inc({ role: pool.role });
      throw error;
    } finally {
      await runner.release().catch(() => {});
    }
  }
}

async function query<T>(
  runner: QueryRunner,
  sql: string,
  params: readonly unknown[],
  deadline = STATEMENT_MS,
): Promise<T> {
  metrics.databaseStatements.inc({ role: runner.getReplicationMode() === 'slave' ? 'replica' : 'primary' });
  const answer: Promise<T> = runner.query(sql, [...params]);
  return withDeadline(answer, deadline, (late) => {
    late.catch(() => {});
    destroy(runner);
  });
}

/** Outside of a transaction a connection may wait in the pool for as long as the server lets it. */
const letRest = (runner: QueryRunner): Promise<void> =>
  query(runner, 'SET SESSION wait_timeout = DEFAULT', []).then(
    () => {},
    () => destroy(runner),
  );

/** A connection whose state is in doubt never goes back to the pool. */
function destroy(runner: QueryRunner): void {
  const { databaseConnection } = runner as { databaseConnection?: { destroy(): void } };
  databaseConnection?.destroy();
}

function dataSource(options: DatabaseOptions): DataSource {
  const primary = { url: options.url };
  return new DataSource({
    type: 'mysql',
    ...(options.replicaUrls.length === 0
      ? primary
      : {
          replication: {
            master: primary,
            slaves: options.replicaUrls.map((url) => ({ url })),
            defaultMode: 'master',
            removeNodeErrorCount: 1,
            restoreNodeTimeout: 1_000,
          },
        }),
    poolSize: options.poolSize,
    timezone: 'Z',
    charset: 'utf8mb4_unicode_ci',
    connectTimeout: 1_000,
    supportBigNumbers: true,
    bigNumberStrings: false,
    migrationsTableName: 'migrations',
    migrations: options.migrations ?? [],
    extra: { queueLimit: 1_000 },
  });
}
