import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Nodes look for sessions that ended elsewhere a moment ago. */
export class RevokedSessions1763942400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX sessions_revoked ON sessions (revoked_at)');
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup instead.');
  }
}
