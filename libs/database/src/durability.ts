import type { Logger } from '@maru/observability';
import type { Database } from './database.js';

interface Settings {
  flush_log: number;
  binary_log: number;
  sync_log: number;
}

/** Its message is one line; the process ends with it. */
export class DurabilityError extends Error {}

/**
 * An acknowledgement means "on disk", so the primary must flush its log at every commit (and the binary log, where
 * it is on). Throws DurabilityError on a weaker server unless that was allowed explicitly.
 */
export async function assertDurability(database: Database, allowWeak: boolean, logger: Logger): Promise<void> {
  const [settings] = await database.fresh<Settings>(
    'SELECT @@innodb_flush_log_at_trx_commit AS flush_log, @@log_bin AS binary_log, @@sync_binlog AS sync_log',
  );
  const weak = [
    settings?.flush_log === 1 ? '' : `innodb_flush_log_at_trx_commit=${settings?.flush_log}`,
    settings?.binary_log === 0 || settings?.sync_log === 1
      ? ''
      : `sync_binlog=${settings?.sync_log} with the binary log on`,
  ].filter((finding) => finding !== '');
  if (weak.length === 0) return;
  const finding = `The database may lose acknowledged messages: ${weak.join(', ')}; must be 1.`;
  if (!allowWeak) throw new DurabilityError(`${finding} DATABASE_ALLOW_WEAK_DURABILITY=true starts all the same.`);
  logger.error(finding);
}
