import type { Invite, InviteCode, RoomId, UserId } from '@maru/contract';
import { Database, type Transaction, uuidBytes, uuidText } from '@maru/database';
import { Injectable } from '@nestjs/common';

interface InviteRow {
  code: string;
  room_id: Buffer;
  created_by: Buffer;
  created_at: Date;
  expires_at: Date | null;
  max_uses: number | null;
  uses: number;
}

const GOOD = '(expires_at IS NULL OR expires_at > ?) AND (max_uses IS NULL OR uses < max_uses)';

/** Invitations that are used up or over are none, and make room for new ones. */
@Injectable()
export class InvitesRepository {
  constructor(private readonly database: Database) {}

  async find(code: InviteCode): Promise<Invite | undefined> {
    const [row] = await this.database.fresh<InviteRow>(`SELECT * FROM room_invites WHERE code = ? AND ${GOOD}`, [
      code,
      new Date(),
    ]);
    return row && invite(row);
  }

  async list(roomId: RoomId): Promise<Invite[]> {
    const rows = await this.database.fresh<InviteRow>(
      `SELECT * FROM room_invites WHERE room_id = ? AND ${GOOD} ORDER BY created_at DESC`,
      [uuidBytes(roomId), new Date()],
    );
    return rows.map(invite);
  }

  async count(transaction: Transaction, roomId: RoomId): Promise<number> {
    await transaction.execute(`DELETE FROM room_invites WHERE room_id = ? AND NOT (${GOOD})`, [
      uuidBytes(roomId),
      new Date(),
    ]);
    const [row] = await transaction.select<{ count: number }>(
      'SELECT COUNT(*) AS count FROM room_invites WHERE room_id = ?',
      [uuidBytes(roomId)],
    );
    return row?.count ?? 0;
  }

  async add(
    transaction: Transaction,
    { code, roomId, createdBy, createdAt, expiresAt, maxUses }: Invite,
  ): Promise<void> {
    await transaction.execute(
      'INSERT INTO room_invites (code, room_id, created_by, created_at, expires_at, max_uses) VALUES (?, ?, ?, ?, ?, ?)',
      [
        code,
        uuidBytes(roomId),
        uuidBytes(createdBy),
        new Date(createdAt),
        expiresAt === null ? null : new Date(expiresAt),
        maxUses,
      ],
    );
  }

  /** Takes one use, unless there is none left. */
  async use(transaction: Transaction, code: InviteCode): Promise<boolean> {
    const { affectedRows } = await transaction.execute(
      `UPDATE room_invites SET uses = uses + 1 WHERE code = ? AND ${GOOD}`,
      [code, new Date()],
    );
    return affectedRows === 1;
  }

  /** Of this room, and made by this person where one is given. Returns whether there was one. */
  async remove(transaction: Transaction, roomId: RoomId, code: InviteCode, madeBy?: UserId): Promise<boolean> {
    const { affectedRows } = await transaction.execute(
      `DELETE FROM room_invites WHERE code = ? AND room_id = ? ${madeBy === undefined ? '' : 'AND created_by = ?'}`,
      [code, uuidBytes(roomId), ...(madeBy === undefined ? [] : [uuidBytes(madeBy)])],
    );
    return affectedRows === 1;
  }

  /** All of a room, or those that one person made. */
  async removeAll(transaction: Transaction, roomId: RoomId, madeBy?: UserId): Promise<void> {
    await transaction.execute(
      `DELETE FROM room_invites WHERE room_id = ? ${madeBy === undefined ? '' : 'AND created_by = ?'}`,
      [uuidBytes(roomId), ...(madeBy === undefined ? [] : [uuidBytes(madeBy)])],
    );
  }
}

const invite = (row: InviteRow): Invite => ({
  code: row.code as InviteCode,
  roomId: uuidText<RoomId>(row.room_id),
  createdBy: uuidText<UserId>(row.created_by),
  createdAt: row.created_at.getTime(),
  expiresAt: row.expires_at?.getTime() ?? null,
  maxUses: row.max_uses,
  uses: row.uses,
});
