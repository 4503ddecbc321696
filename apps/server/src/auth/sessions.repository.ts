import type { SessionId, UserId } from '@maru/contract';
import { Database, uuidBytes, uuidText } from '@maru/database';
import { Injectable } from '@nestjs/common';

export interface SessionRecord {
  userId: UserId;
  tokenHash: Buffer;
  previousHash: Buffer | null;
  rotatedAt: number;
  active: boolean;
}

interface SessionRow {
  user_id: Buffer;
  token_hash: Buffer;
  previous_hash: Buffer | null;
  rotated_at: Date;
  expires_at: Date;
  revoked_at: Date | null;
}

@Injectable()
export class SessionsRepository {
  constructor(private readonly database: Database) {}

  async add(id: SessionId, userId: UserId, tokenHash: Buffer, expiresAt: Date, device: string): Promise<void> {
    const now = new Date();
    await this.database.write((transaction) =>
      transaction.execute(
        `INSERT INTO sessions (id, user_id, token_hash, rotated_at, created_at, expires_at, device)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        [uuidBytes(id), uuidBytes(userId), tokenHash, now, now, expiresAt, device.slice(0, 200)],
      ),
    );
  }

  async find(id: SessionId): Promise<SessionRecord | undefined> {
    const [row] = await this.database.fresh<SessionRow>(
      'SELECT user_id, token_hash, previous_hash, rotated_at, expires_at, revoked_at FROM sessions WHERE id = ?',
      [uuidBytes(id)],
    );
    return (
      row && {
        userId: uuidText<UserId>(row.user_id),
        tokenHash: row.token_hash,
        previousHash: row.previous_hash,
        rotatedAt: row.rotated_at.getTime(),
        active: row.revoked_at === null && row.expires_at.getTime() > Date.now(),
      }
    );
  }

  /** Replaces the token, if it is still the one given. Of two that race only one gets true. */
  async rotate(id: SessionId, from: Buffer, to: Buffer, expiresAt: Date): Promise<boolean> {
    const { affectedRows } = await this.database.write((transaction) =>
      transaction.execute(
        `UPDATE sessions SET previous_hash = token_hash, token_hash = ?, rotated_at = ?, expires_at = ?
         WHERE id = ? AND token_hash = ? AND revoked_at IS NULL`,
        [to, new Date(), expiresAt, uuidBytes(id), from],
      ),
    );
    return affectedRows === 1;
  }

  /** Sessions that were ended after this moment, on any node. */
  async revokedSince(since: Date): Promise<SessionId[]> {
    const rows = await this.database.fresh<{ id: Buffer }>('SELECT id FROM sessions WHERE revoked_at > ?', [since]);
    return rows.map((row) => uuidText<SessionId>(row.id));
  }

  /** Ends all sessions of a person; returns them. */
  async revokeAll(userId: UserId): Promise<SessionId[]> {
    return this.database.write(async (transaction) => {
      const rows = await transaction.select<{ id: Buffer }>(
        'SELECT id FROM sessions WHERE user_id = ? AND revoked_at IS NULL FOR UPDATE',
        [uuidBytes(userId)],
      );
      await transaction.execute('UPDATE sessions SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL', [
        new Date(),
        uuidBytes(userId),
      ]);
      return rows.map((row) => uuidText<SessionId>(row.id));
    });
  }

  async revoke(id: SessionId): Promise<void> {
    await this.database.write((transaction) =>
      transaction.execute('UPDATE sessions SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL', [
        new Date(),
        uuidBytes(id),
      ]),
    );
  }
}
