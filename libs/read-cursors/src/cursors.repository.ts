import type { ReadCursor, RoomId, UserId } from '@maru/contract';
import { type Database, type Transaction, uuidBytes, uuidText } from '@maru/database';
import type { Reading } from './cursor-types.js';

/** Rows of one statement. */
const ROWS = 500;

interface MemberRow {
  members_seq: number;
  user_id: Buffer | null;
  /** What is computed of BIGINTs may be a DECIMAL, which the driver gives as text. */
  seq: number | string;
  ordinal: number | string;
  history_epoch: number;
}

export interface MemberCursors {
  membersSeq: number;
  historyEpoch: number;
  members: (ReadCursor & { userId: UserId })[];
}

const UPSERT = `INSERT INTO read_cursors (room_id, user_id, seq, ordinal) VALUES ?
  ON DUPLICATE KEY UPDATE ordinal = IF(VALUES(seq) > seq, VALUES(ordinal), ordinal), seq = GREATEST(seq, VALUES(seq))`;

/** The only statements that write read_cursors. Each moves cursors forward, whatever order they come in. */
export class CursorsRepository {
  constructor(private readonly database: Database) {}

  async write(readings: readonly Reading[]): Promise<void> {
    for (let i = 0; i < readings.length; i += ROWS) {
      // in one order everywhere, so that two nodes never wait for each other in a circle
      const rows = readings
        .slice(i, i + ROWS)
        .toSorted((a, b) => (a.roomId + a.userId < b.roomId + b.userId ? -1 : 1))
        .map(row);
      await this.database.write((transaction) => transaction.execute(UPSERT, [rows]));
    }
  }

  /** Where a new member begins. */
  async start(transaction: Transaction, reading: Reading): Promise<void> {
    await transaction.execute(UPSERT, [[row(reading)]]);
  }

  /**
   * Everybody who is a member, with the entry that made it so, in one statement: read apart, somebody could leave in
   * between. A cursor is never past the head, which a restored backup may have put back.
   */
  async ofMembers(roomId: RoomId): Promise<MemberCursors> {
    const rows = await this.database.fresh<MemberRow>(
      `SELECT h.members_seq, h.history_epoch, m.user_id, LEAST(h.last_seq, GREATEST(m.joined_seq, COALESCE(c.seq, 0))) AS seq,
         LEAST(h.last_ordinal, COALESCE(c.ordinal, 0)) AS ordinal
       FROM room_heads h LEFT JOIN room_members m ON m.room_id = h.room_id
       LEFT JOIN read_cursors c ON c.room_id = m.room_id AND c.user_id = m.user_id WHERE h.room_id = ?`,
      [uuidBytes(roomId)],
    );
    const members = rows.flatMap(({ user_id: userId, seq, ordinal }) =>
      userId === null ? [] : [{ userId: uuidText<UserId>(userId), seq: Number(seq), ordinal: Number(ordinal) }],
    );
    const [row] = rows;
    return { membersSeq: row?.members_seq ?? 0, historyEpoch: row?.history_epoch ?? 0, members };
  }

  async of(readers: readonly Pick<Reading, 'roomId' | 'userId'>[]): Promise<Reading[]> {
    if (readers.length === 0) return [];
    const rows = await this.database.fresh<{ room_id: Buffer; user_id: Buffer; seq: number; ordinal: number }>(
      `SELECT room_id, user_id, seq, ordinal FROM read_cursors
       WHERE ${readers.map(() => '(room_id = ? AND user_id = ?)').join(' OR ')}`,
      readers.flatMap(({ roomId, userId }) => [uuidBytes(roomId), uuidBytes(userId)]),
    );
    return rows.map(({ room_id: roomId, user_id: userId, seq, ordinal }) => ({
      roomId: uuidText(roomId),
      userId: uuidText(userId),
      seq,
      ordinal,
    }));
  }

  /** Takes away at most `rows` rows. Returns whether none is left. */
  async purge(roomId: RoomId, rows: number): Promise<boolean> {
    const { affectedRows } = await this.database.write((transaction) =>
      transaction.execute('DELETE FROM read_cursors WHERE room_id = ? LIMIT ?', [uuidBytes(roomId), rows]),
    );
    return affectedRows < rows;
  }
}

const row = ({ roomId, userId, seq, ordinal }: Reading): unknown[] => [
  uuidBytes(roomId),
  uuidBytes(userId),
  seq,
  ordinal,
];
