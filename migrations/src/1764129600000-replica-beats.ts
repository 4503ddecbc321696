import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each node writes every second where there are replicas, to see how late they have it. */
export class ReplicaBeats1764129600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE replica_beats (
        node VARCHAR(32) CHARACTER SET ascii NOT NULL PRIMARY KEY,
        beat BIGINT NOT NULL COMMENT 'milliseconds since 1970, by the clock of the node'
      ) ENGINE = InnoDB`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup instead.');
  }
}
