import type { Notify, RoomId, RoomPreferences, UserId } from '@maru/contract';
import { Database, type Transaction, uuidBytes } from '@maru/database';
import { Injectable } from '@nestjs/common';

export interface PreferencesRow {
  notify: Notify | null;
  pinned: number | null;
  unread_mark: number | null;
}

/** What a person prefers who has never said so is no row. A mark holds while the cursor has not moved past it. */
export const preferences = (row: PreferencesRow | undefined, cursor: number): RoomPreferences => ({
  notify: row?.notify ?? 'all',
  pinned: (row?.pinned ?? 0) !== 0,
  markedUnread: row !== undefined && row.unread_mark !== null && row.unread_mark >= cursor,
});

/** How each member wants to have a room. Nobody else ever sees it. */
@Injectable()
export class PreferencesRepository {
  constructor(private readonly database: Database) {}

  /** Under a row lock, also where nothing was preferred before: two who change it at once both count. */
  async lock(transaction: Transaction, userId: UserId, roomId: RoomId): Promise<PreferencesRow | undefined> {
    await transaction.execute(
      "INSERT IGNORE INTO room_preferences (user_id, room_id, notify, pinned) VALUES (?, ?, 'all', 0)",
      [uuidBytes(userId), uuidBytes(roomId)],
    );
    const [row] = await transaction.select<PreferencesRow>(
      'SELECT notify, pinned, unread_mark FROM room_preferences WHERE user_id = ? AND room_id = ? FOR UPDATE',
      [uuidBytes(userId), uuidBytes(roomId)],
    );
    return row;
  }

  /** `cursor`: how far the person has read; a mark is set there. */
  async put(
    transaction: Transaction,
    userId: UserId,
    roomId: RoomId,
    { notify, pinned, markedUnread }: RoomPreferences,
    cursor: number,
  ): Promise<void> {
    await transaction.execute(
      'UPDATE room_preferences SET notify = ?, pinned = ?, unread_mark = ? WHERE user_id = ? AND room_id = ?',
      [notify, pinned ? 1 : 0, markedUnread ? cursor : null, uuidBytes(userId), uuidBytes(roomId)],
    );
  }

  async removeAll(roomId: RoomId): Promise<void> {
    await this.database.write((transaction) =>
      transaction.execute('DELETE FROM room_preferences WHERE room_id = ?', [uuidBytes(roomId)]),
    );
  }
}
