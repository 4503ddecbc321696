import 'reflect-metadata';
import { ConfigError, loadConfig } from '@maru/config';
import { Database, RefusedError } from '@maru/database';
import { migrations } from '@maru/migrations';
import { createLogger } from '@maru/observability';

/** Brings the database up to date, and ends. Safe to run on several nodes at once. */
async function migrate(): Promise<void> {
  const config = loadConfig(process.env);
  const logger = createLogger({ level: config.LOG_LEVEL, node: config.NODE_NAME });
  const database = await Database.connect(
    { url: config.DATABASE_URL, replicaUrls: [], poolSize: 2, migrations },
    logger,
  );
  const done = await database.migrate();
  logger.info({ migrations: done }, done.length === 0 ? 'nothing to migrate' : 'migrated');
  await database.close();
}

migrate().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof ConfigError || error instanceof RefusedError ? error.message : String(error)}\n`,
  );
  process.exit(1);
});
