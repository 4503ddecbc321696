import type { PublicRoom, Room, RoomId, UserId } from '@maru/contract';
import { Database, type Transaction, uuidBytes, uuidText } from '@maru/database';
import { Injectable } from '@nestjs/common';

interface RoomRow {
  id: Buffer;
  name: string;
  member_count: number;
  created_at: Date;
  last_seq: number;
  last_ordinal: number;
  history_epoch: number;
  joined?: number;
}

const ROOM = 'r.id, r.name, r.member_count, r.created_at, h.last_seq, h.last_ordinal, h.history_epoch';

@Injectable()
export class RoomsRepository {
  constructor(private readonly database: Database) {}

  async add(transaction: Transaction, id: RoomId, name: string, createdBy: UserId): Promise<void> {
    await transaction.execute(
      `INSERT INTO rooms (id, kind, name, member_count, version, created_by, created_at) VALUES (?, 'public', ?, 1, 1, ?, ?)`,
      [uuidBytes(id), name, uuidBytes(createdBy), new Date()],
    );
  }

  async countMember(transaction: Transaction, id: RoomId, change: 1 | -1): Promise<void> {
    await transaction.execute('UPDATE rooms SET member_count = member_count + ?, version = version + 1 WHERE id = ?', [
      change,
      uuidBytes(id),
    ]);
  }

  async find(id: RoomId): Promise<Room | undefined> {
    const [row] = await this.database.fresh<RoomRow>(
      `SELECT ${ROOM} FROM rooms r JOIN room_heads h ON h.room_id = r.id WHERE r.id = ?`,
      [uuidBytes(id)],
    );
    return row && room(row);
  }

  async ofMember(userId: UserId, limit: number): Promise<Room[]> {
    const rows = await this.database.fresh<RoomRow>(
      `SELECT ${ROOM} FROM room_members m JOIN rooms r ON r.id = m.room_id JOIN room_heads h ON h.room_id = m.room_id
       WHERE m.user_id = ? LIMIT ?`,
      [uuidBytes(userId), limit],
    );
    return rows.map(room);
  }

  /** Newest first: ids are ordered by the time they were made. */
  async directory(forUser: UserId, search: string, before: RoomId | undefined, limit: number): Promise<PublicRoom[]> {
    const rows = await this.database.read<RoomRow>(
      `SELECT ${ROOM}, EXISTS (SELECT 1 FROM room_members m WHERE m.room_id = r.id AND m.user_id = ?) AS joined
       FROM rooms r JOIN room_heads h ON h.room_id = r.id
       WHERE r.kind = 'public' AND r.name LIKE ? ${before === undefined ? '' : 'AND r.id < ?'} ORDER BY r.id DESC LIMIT ?`,
      [
        uuidBytes(forUser),
        `%${search.replace(/[\\%_]/g, '\\$&')}%`,
        ...(before === undefined ? [] : [uuidBytes(before)]),
        limit,
      ],
    );
    return rows.map((row) => ({ ...room(row), joined: row.joined === 1 }));
  }
}

const room = (row: RoomRow): Room => ({
  id: uuidText<RoomId>(row.id),
  name: row.name,
  createdAt: row.created_at.getTime(),
  memberCount: row.member_count,
  head: row.last_seq,
  ordinal: row.last_ordinal,
  historyEpoch: row.history_epoch,
});
