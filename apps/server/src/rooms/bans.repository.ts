import type { RoomId, UserId } from '@maru/contract';
import { Database, type Transaction, uuidBytes, uuidText } from '@maru/database';
import { Injectable } from '@nestjs/common';

interface BanRow {
  user_id: Buffer;
  until: Date | null;
  reason: string | null;
  banned_by: Buffer;
  created_at: Date;
}

export interface BanRecord {
  userId: UserId;
  /** Milliseconds; null: until it is lifted. */
  until: number | null;
  reason: string | null;
  bannedBy: UserId;
  createdAt: number;
}

const RUNNING = '(until IS NULL OR until > ?)';

/** Bans that are over are none, and make room for new ones. */
@Injectable()
export class BansRepository {
  constructor(private readonly database: Database) {}

  async find(transaction: Transaction, roomId: RoomId, userId: UserId): Promise<BanRecord | undefined> {
    const [row] = await transaction.select<BanRow>(
      `SELECT * FROM room_bans WHERE room_id = ? AND user_id = ? AND ${RUNNING}`,
      [uuidBytes(roomId), uuidBytes(userId), new Date()],
    );
    return row && ban(row);
  }

  async isBanned(roomId: RoomId, userId: UserId): Promise<boolean> {
    const rows = await this.database.fresh(`SELECT 1 FROM room_bans WHERE room_id = ? AND user_id = ? AND ${RUNNING}`, [
      uuidBytes(roomId),
      uuidBytes(userId),
      new Date(),
    ]);
    return rows.length > 0;
  }

  async list(roomId: RoomId, limit: number): Promise<BanRecord[]> {
    const rows = await this.database.fresh<BanRow>(
      `SELECT * FROM room_bans WHERE room_id = ? AND ${RUNNING} ORDER BY created_at DESC LIMIT ?`,
      [uuidBytes(roomId), new Date(), limit],
    );
    return rows.map(ban);
  }

  async count(transaction: Transaction, roomId: RoomId): Promise<number> {
    await transaction.execute('DELETE FROM room_bans WHERE room_id = ? AND until <= ?', [
      uuidBytes(roomId),
      new Date(),
    ]);
    const [row] = await transaction.select<{ count: number }>(
      'SELECT COUNT(*) AS count FROM room_bans WHERE room_id = ?',
      [uuidBytes(roomId)],
    );
    return row?.count ?? 0;
  }

  async put(transaction: Transaction, roomId: RoomId, { userId, until, reason, bannedBy }: BanRecord): Promise<void> {
    await transaction.execute(
      `INSERT INTO room_bans (room_id, user_id, until, reason, banned_by, created_at) VALUES (?, ?, ?, ?, ?, ?)
       ON DUPLICATE KEY UPDATE until = VALUES(until), reason = VALUES(reason), banned_by = VALUES(banned_by),
         created_at = VALUES(created_at)`,
      [
        uuidBytes(roomId),
        uuidBytes(userId),
        until === null ? null : new Date(until),
        reason,
        uuidBytes(bannedBy),
        new Date(),
      ],
    );
  }

  /** Returns whether there was one. */
  async remove(transaction: Transaction, roomId: RoomId, userId: UserId): Promise<boolean> {
    const { affectedRows } = await transaction.execute('DELETE FROM room_bans WHERE room_id = ? AND user_id = ?', [
      uuidBytes(roomId),
      uuidBytes(userId),
    ]);
    return affectedRows === 1;
  }

  async removeAll(transaction: Transaction, roomId: RoomId): Promise<void> {
    await transaction.execute('DELETE FROM room_bans WHERE room_id = ?', [uuidBytes(roomId)]);
  }
}

const ban = (row: BanRow): BanRecord => ({
  userId: uuidText<UserId>(row.user_id),
  until: row.until?.getTime() ?? null,
  reason: row.reason,
  bannedBy: uuidText<UserId>(row.banned_by),
  createdAt: row.created_at.getTime(),
});
