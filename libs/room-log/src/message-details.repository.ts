import type { Edition, RoomId, UserId } from '@maru/contract';
import { type Database, uuidBytes, uuidText } from '@maru/database';

const REACTORS_MAX = 100;

/** What belongs to messages and is asked for by itself: reactions, earlier texts, pins. */
export class MessageDetailsRepository {
  constructor(private readonly database: Database) {}

  /** Which emojis this person has put under these messages. */
  async reactionsBy(
    roomId: RoomId,
    userId: UserId,
    seqs: readonly number[],
  ): Promise<{ seq: number; emoji: string }[]> {
    if (seqs.length === 0) return [];
    return this.database.fresh(
      'SELECT seq, emoji FROM message_reactions WHERE room_id = ? AND user_id = ? AND seq IN (?)',
      [uuidBytes(roomId), uuidBytes(userId), seqs],
    );
  }

  async reactors(roomId: RoomId, seq: number, emoji: string): Promise<UserId[]> {
    const rows = await this.database.fresh<{ user_id: Buffer }>(
      'SELECT user_id FROM message_reactions WHERE room_id = ? AND seq = ? AND emoji = ? ORDER BY changed_seq LIMIT ?',
      [uuidBytes(roomId), seq, emoji, REACTORS_MAX],
    );
    return rows.map((row) => uuidText(row.user_id));
  }

  async editions(roomId: RoomId, seq: number): Promise<Edition[]> {
    const rows = await this.database.fresh<{ body: string; until: Date }>(
      'SELECT body, until FROM message_editions WHERE room_id = ? AND seq = ? ORDER BY changed_seq',
      [uuidBytes(roomId), seq],
    );
    return rows.map(({ body, until }) => ({ text: body, until: until.getTime() }));
  }

  /** Seqs of the pinned messages, newest pin first. */
  async pins(roomId: RoomId): Promise<number[]> {
    const rows = await this.database.fresh<{ seq: number }>(
      'SELECT seq FROM room_pins WHERE room_id = ? ORDER BY changed_seq DESC',
      [uuidBytes(roomId)],
    );
    return rows.map(({ seq }) => seq);
  }
}
