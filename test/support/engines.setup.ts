import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTopology } from '@maru/stack';

/** Real, migrated engines for the tests beside the code; these read where they are from the environment. */
export default async function engines(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'maru-engines-'));
  const topology = await startTopology({ folder, report: () => {}, nodes: 0, replica: { delayS: 2 }, kafka: true });
  process.env['TEST_DATABASE_URL'] = topology.databaseUrl;
  process.env['TEST_REPLICA_URL'] = topology.replicaUrl;
  process.env['TEST_REDIS_URL'] = topology.redisUrl;
  process.env['TEST_KAFKA_BROKERS'] = topology.kafkaBrokers;
  return async () => {
    await topology.stop();
    rmSync(folder, { recursive: true });
  };
}
