import type { Role, RoomId, UserId } from '@maru/contract';
import { Database, type Transaction, uuidBytes, uuidText } from '@maru/database';
import type { Head, Rights, RightsSource } from '@maru/room-log';
import { Injectable } from '@nestjs/common';

interface RightsRow {
  user_id: Buffer;
  joined_seq: number;
  rights_epoch: number;
}

/** What somebody needs to know who opens a room: may I, since when, and how far is it. */
export interface Membership {
  rights: Rights;
  head: Head;
}

export interface MemberRow {
  userId: UserId;
  role: Role;
  joinedSeq: number;
}

@Injectable()
export class MembersRepository implements RightsSource {
  constructor(private readonly database: Database) {}

  /** Membership and rights epoch in one statement: read apart, a kick could fall between them. */
  async freshRights(roomId: RoomId, users: readonly UserId[]): Promise<Map<UserId, Rights>> {
    const rows = await this.database.fresh<RightsRow>(
      `SELECT m.user_id, m.joined_seq, h.rights_epoch FROM room_heads h JOIN room_members m ON m.room_id = h.room_id
       WHERE h.room_id = ? AND m.user_id IN (?)`,
      [uuidBytes(roomId), users.map(uuidBytes)],
    );
    return new Map(
      rows.map((row) => [uuidText<UserId>(row.user_id), { epoch: row.rights_epoch, joinedSeq: row.joined_seq }]),
    );
  }

  /** Membership and head in one statement on the primary; undefined for whoever is no member. */
  async membership(roomId: RoomId, userId: UserId): Promise<Membership | undefined> {
    const [row] = await this.database.fresh<
      RightsRow & { last_seq: number; last_ordinal: number; history_epoch: number }
    >(
      `SELECT m.joined_seq, h.rights_epoch, h.last_seq, h.last_ordinal, h.history_epoch
       FROM room_heads h JOIN room_members m ON m.room_id = h.room_id WHERE h.room_id = ? AND m.user_id = ?`,
      [uuidBytes(roomId), uuidBytes(userId)],
    );
    if (row === undefined) return undefined;
    const { rights_epoch: rightsEpoch, last_seq: seq, last_ordinal: ordinal, history_epoch: historyEpoch } = row;
    return {
      rights: { epoch: rightsEpoch, joinedSeq: row.joined_seq },
      head: { roomId, seq, ordinal, rightsEpoch, historyEpoch },
    };
  }

  async add(transaction: Transaction, roomId: RoomId, userId: UserId, role: Role, joinedSeq: number): Promise<void> {
    await transaction.execute(
      'INSERT INTO room_members (room_id, user_id, role, joined_seq, joined_at) VALUES (?, ?, ?, ?, ?)',
      [uuidBytes(roomId), uuidBytes(userId), role, joinedSeq, new Date()],
    );
  }

  /** Returns whether there was such a member. */
  async remove(transaction: Transaction, roomId: RoomId, userId: UserId): Promise<boolean> {
    const { affectedRows } = await transaction.execute('DELETE FROM room_members WHERE room_id = ? AND user_id = ?', [
      uuidBytes(roomId),
      uuidBytes(userId),
    ]);
    return affectedRows === 1;
  }

  /** A page of members in the order they joined, after the given one. */
  async page(roomId: RoomId, after: UserId | undefined, limit: number): Promise<MemberRow[]> {
    const rows = await this.database.fresh<{ user_id: Buffer; role: Role; joined_seq: number }>(
      `SELECT user_id, role, joined_seq FROM room_members WHERE room_id = ? AND joined_seq > COALESCE(
         (SELECT joined_seq FROM room_members WHERE room_id = ? AND user_id = ?), 0)
       ORDER BY joined_seq LIMIT ?`,
      [uuidBytes(roomId), uuidBytes(roomId), after === undefined ? null : uuidBytes(after), limit],
    );
    return rows.map((row) => ({ userId: uuidText<UserId>(row.user_id), role: row.role, joinedSeq: row.joined_seq }));
  }
}
