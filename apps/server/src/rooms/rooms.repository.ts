import type { JoinedRoom, PublicRoom, Role, Room, RoomId, RoomKind, RoomSettings, UserId } from '@maru/contract';
import { Database, type Transaction, uuidBytes, uuidText } from '@maru/database';
import { Injectable } from '@nestjs/common';

interface RoomRow {
  id: Buffer;
  kind: RoomKind;
  name: string;
  topic: string;
  member_count: number;
  capacity: number | null;
  history: RoomSettings['history'];
  slow_mode_s: number;
  archived_at: Date | null;
  direct_key: Buffer | null;
  version: number;
  created_at: Date;
}

interface ListedRow extends RoomRow {
  last_seq: number;
  last_ordinal: number;
  history_epoch: number;
  joined?: number;
}

export interface JoinedRow extends ListedRow {
  role: Role;
  joined_seq: number;
  muted_until: Date | null;
}

/** A room as its row says. */
export interface RoomRecord extends RoomSettings {
  id: RoomId;
  name: string;
  topic: string;
  memberCount: number;
  passwordHash: string | null;
  archived: boolean;
  version: number;
}

const OWN = `r.id, r.kind, r.name, r.topic, r.member_count, r.capacity, r.history, r.slow_mode_s, r.archived_at,
  r.direct_key, r.version, r.created_at`;
export const LISTED = `${OWN}, h.last_seq, h.last_ordinal, h.history_epoch`;
const JOINED = `SELECT ${LISTED}, m.role, m.joined_seq, u.until AS muted_until FROM room_members m
  JOIN rooms r ON r.id = m.room_id JOIN room_heads h ON h.room_id = m.room_id
  LEFT JOIN room_mutes u ON u.room_id = m.room_id AND u.user_id = m.user_id`;

/** The same for both, whoever asks first. */
export const directKey = (a: UserId, b: UserId): Buffer => Buffer.concat([a, b].toSorted().map(uuidBytes));

type NewRoom = Pick<RoomRecord, 'id' | 'name' | 'topic' | 'passwordHash' | keyof RoomSettings> & {
  createdBy: UserId;
  directKey: Buffer | null;
};

@Injectable()
export class RoomsRepository {
  constructor(private readonly database: Database) {}

  async add(transaction: Transaction, room: NewRoom): Promise<void> {
    await transaction.execute(
      `INSERT INTO rooms (id, kind, name, topic, member_count, capacity, password_hash, history, slow_mode_s, direct_key,
         version, created_by, created_at) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, 1, ?, ?)`,
      [
        uuidBytes(room.id),
        room.kind,
        room.name,
        room.topic,
        room.capacity,
        room.passwordHash,
        room.history,
        room.slowModeSeconds,
        room.directKey,
        uuidBytes(room.createdBy),
        new Date(),
      ],
    );
  }

  /** Counts one more member in, unless the room is full. */
  async countIn(transaction: Transaction, id: RoomId): Promise<boolean> {
    const { affectedRows } = await transaction.execute(
      'UPDATE rooms SET member_count = member_count + 1 WHERE id = ? AND (capacity IS NULL OR member_count < capacity)',
      [uuidBytes(id)],
    );
    return affectedRows === 1;
  }

  async countOut(transaction: Transaction, id: RoomId): Promise<void> {
    await transaction.execute('UPDATE rooms SET member_count = member_count - 1 WHERE id = ?', [uuidBytes(id)]);
  }

  /** The room inside a transaction, or as it is now; deleted ones are none. */
  async record(id: RoomId, transaction?: Transaction): Promise<RoomRecord | undefined> {
    const sql = `SELECT ${OWN}, r.password_hash FROM rooms r WHERE r.id = ? AND r.deleted_at IS NULL`;
    const [row] = await (transaction === undefined
      ? this.database.fresh<RoomRow & { password_hash: string | null }>(sql, [uuidBytes(id)])
      : transaction.select<RoomRow & { password_hash: string | null }>(sql, [uuidBytes(id)]));
    if (row === undefined) return undefined;
    const { name, topic, version, member_count: memberCount, password_hash: passwordHash } = row;
    return {
      id,
      name,
      topic,
      version,
      memberCount,
      passwordHash,
      archived: row.archived_at !== null,
      ...settings(row),
    };
  }

  /** Writes everything that can be changed by hand. Returns false where somebody else has changed it meanwhile. */
  async update(transaction: Transaction, room: RoomRecord): Promise<boolean> {
    const { affectedRows } = await transaction.execute(
      `UPDATE rooms SET kind = ?, name = ?, topic = ?, capacity = ?, password_hash = ?, history = ?, slow_mode_s = ?,
         version = version + 1 WHERE id = ? AND version = ?`,
      [
        room.kind,
        room.name,
        room.topic,
        room.capacity,
        room.passwordHash,
        room.history,
        room.slowModeSeconds,
        uuidBytes(room.id),
        room.version,
      ],
    );
    return affectedRows === 1;
  }

  async setArchived(transaction: Transaction, id: RoomId, archived: boolean): Promise<void> {
    await transaction.execute('UPDATE rooms SET archived_at = ?, version = version + 1 WHERE id = ?', [
      archived ? new Date() : null,
      uuidBytes(id),
    ]);
  }

  async markDeleted(transaction: Transaction, id: RoomId): Promise<void> {
    await transaction.execute('UPDATE rooms SET deleted_at = ?, member_count = 0, direct_key = NULL WHERE id = ?', [
      new Date(),
      uuidBytes(id),
    ]);
  }

  async deletedBefore(time: Date, limit: number): Promise<RoomId[]> {
    const rows = await this.database.fresh<{ id: Buffer }>('SELECT id FROM rooms WHERE deleted_at < ? LIMIT ?', [
      time,
      limit,
    ]);
    return rows.map(({ id }) => uuidText(id));
  }

  async remove(id: RoomId): Promise<void> {
    await this.database.write((transaction) =>
      transaction.execute('DELETE FROM rooms WHERE id = ? AND deleted_at IS NOT NULL', [uuidBytes(id)]),
    );
  }

  async byDirectKey(key: Buffer): Promise<RoomId | undefined> {
    const [row] = await this.database.fresh<{ id: Buffer }>('SELECT id FROM rooms WHERE direct_key = ?', [key]);
    return row && uuidText<RoomId>(row.id);
  }

  async joined(userId: UserId, id: RoomId): Promise<JoinedRoom | undefined> {
    const [row] = await this.database.fresh<JoinedRow>(`${JOINED} WHERE m.room_id = ? AND m.user_id = ?`, [
      uuidBytes(id),
      uuidBytes(userId),
    ]);
    return row && joined(row, userId);
  }

  /** Newest first: ids are ordered by the time they were made. */
  async directory(forUser: UserId, search: string, before: RoomId | undefined, limit: number): Promise<PublicRoom[]> {
    const rows = await this.database.read<ListedRow>(
      `SELECT ${LISTED}, EXISTS (SELECT 1 FROM room_members m WHERE m.room_id = r.id AND m.user_id = ?) AS joined
       FROM rooms r JOIN room_heads h ON h.room_id = r.id
       WHERE r.kind IN ('public', 'password') AND r.deleted_at IS NULL AND r.archived_at IS NULL AND r.name LIKE ?
         ${before === undefined ? '' : 'AND r.id < ?'} ORDER BY r.id DESC LIMIT ?`,
      [
        uuidBytes(forUser),
        `%${search.replace(/[\\%_]/g, '\\$&')}%`,
        ...(before === undefined ? [] : [uuidBytes(before)]),
        limit,
      ],
    );
    return rows.map((row) => ({ ...listed(row), joined: row.joined === 1 }));
  }
}

const settings = (row: RoomRow): RoomSettings => ({
  kind: row.kind,
  capacity: row.capacity,
  history: row.history,
  slowModeSeconds: row.slow_mode_s,
});

const listed = (row: ListedRow): Room => ({
  id: uuidText<RoomId>(row.id),
  name: row.name,
  topic: row.topic,
  ...settings(row),
  archived: row.archived_at !== null,
  version: row.version,
  createdAt: row.created_at.getTime(),
  memberCount: row.member_count,
  head: row.last_seq,
  ordinal: row.last_ordinal,
  historyEpoch: row.history_epoch,
});

const ID_BYTES = 16;

/** Muting that is over is none. */
export const stillMuted = (until: Date | null): number | null =>
  until !== null && until.getTime() > Date.now() ? until.getTime() : null;

export function joined(row: JoinedRow, userId: UserId): JoinedRoom {
  const both = [0, ID_BYTES].flatMap((at) =>
    row.direct_key === null ? [] : [uuidText<UserId>(row.direct_key.subarray(at, at + ID_BYTES))],
  );
  return {
    ...listed(row),
    role: row.role,
    joinedSeq: row.joined_seq,
    mutedUntil: stillMuted(row.muted_until),
    peerId: both.find((id) => id !== userId) ?? null,
  };
}
