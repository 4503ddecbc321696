import type { RoomId } from '@maru/contract';
import { Database, uuidBytes, uuidText } from '@maru/database';
import type { HistoryEnd } from '@maru/room-log';
import { Injectable } from '@nestjs/common';

/** By then an event has done its work, milliseconds. */
const EVENT_MS = 2_000;

/** The newest activity of each room, for lists. Moves forward only, whatever order it is told in. */
@Injectable()
export class RoomActivityRepository {
  constructor(private readonly database: Database) {}

  async write(ends: readonly HistoryEnd[]): Promise<void> {
    if (ends.length === 0) return;
    const rows = ends
      .toSorted((a, b) => (a.roomId < b.roomId ? -1 : 1))
      .map(({ roomId, headSeq, lastSeq, lastAt }) => [uuidBytes(roomId), headSeq, lastSeq, lastAt]);
    // MySQL assigns from left to right: head_seq, which decides, comes last
    await this.database.write((transaction) =>
      transaction.execute(
        `INSERT INTO room_activity (room_id, head_seq, last_seq, last_at) VALUES ?
         ON DUPLICATE KEY UPDATE last_at = IF(VALUES(head_seq) > head_seq, VALUES(last_at), last_at),
           last_seq = IF(VALUES(head_seq) > head_seq, VALUES(last_seq), last_seq),
           head_seq = GREATEST(head_seq, VALUES(head_seq))`,
        [rows],
      ),
    );
  }

  /**
   * Looks at so many rooms after `after`, in the order of their ids. Returns the last one, and those that have been behind
   * for longer than an event takes.
   */
  async behind(after: RoomId | undefined, limit: number): Promise<{ rooms: RoomId[]; last: RoomId | undefined }> {
    const rows = await this.database.fresh<{ room_id: Buffer; is_behind: number }>(
      `SELECT h.room_id, a.head_seq IS NULL OR (a.head_seq < h.last_seq AND a.last_at < ?) AS is_behind
       FROM room_heads h LEFT JOIN room_activity a ON a.room_id = h.room_id
       ${after === undefined ? '' : 'WHERE h.room_id > ?'} ORDER BY h.room_id LIMIT ?`,
      [new Date(Date.now() - EVENT_MS), ...(after === undefined ? [] : [uuidBytes(after)]), limit],
    );
    const ids = rows.map((row) => uuidText<RoomId>(row.room_id));
    return {
      rooms: ids.filter((_, i) => rows[i]?.is_behind === 1),
      last: ids.length < limit ? undefined : ids.at(-1),
    };
  }

  async remove(roomId: RoomId): Promise<void> {
    await this.database.write((transaction) =>
      transaction.execute('DELETE FROM room_activity WHERE room_id = ?', [uuidBytes(roomId)]),
    );
  }
}
