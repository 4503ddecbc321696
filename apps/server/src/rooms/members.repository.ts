import type { Role, RoomId, UserId } from '@maru/contract';
import { BatchReader, Database, type Transaction, uuidBytes, uuidText } from '@maru/database';
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

interface Seat {
  roomId: RoomId;
  userId: UserId;
}

interface MembershipRow extends RightsRow {
  room_id: Buffer;
  last_seq: number;
  last_ordinal: number;
  history_epoch: number;
}

export interface MemberRow {
  userId: UserId;
  role: Role;
  joinedSeq: number;
}

@Injectable()
export class MembersRepository implements RightsSource {
  private readonly memberships = new BatchReader((asked: readonly Seat[]) => this.readMemberships(asked));

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

  /**
   * Membership and head in one statement on the primary; undefined for whoever is no member. What is asked for in one
   * tick is read at once: when everybody comes back, the database sees tens of questions instead of thousands.
   */
  membership(roomId: RoomId, userId: UserId): Promise<Membership | undefined> {
    return this.memberships.load({ roomId, userId });
  }

  private async readMemberships(asked: readonly Seat[]): Promise<(Membership | undefined)[]> {
    const rows = await this.database.fresh<MembershipRow>(
      `SELECT m.room_id, m.user_id, m.joined_seq, h.rights_epoch, h.last_seq, h.last_ordinal, h.history_epoch
       FROM room_members m JOIN room_heads h ON h.room_id = m.room_id
       WHERE ${asked.map(() => '(m.room_id = ? AND m.user_id = ?)').join(' OR ')}`,
      asked.flatMap(({ roomId, userId }) => [uuidBytes(roomId), uuidBytes(userId)]),
    );
    const found = new Map(rows.map((row) => [uuidText(row.room_id) + uuidText(row.user_id), membership(row)]));
    return asked.map(({ roomId, userId }) => found.get(roomId + userId));
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

function membership(row: MembershipRow): Membership {
  const { rights_epoch: rightsEpoch, last_seq: seq, last_ordinal: ordinal, history_epoch: historyEpoch } = row;
  return {
    rights: { epoch: rightsEpoch, joinedSeq: row.joined_seq },
    head: { roomId: uuidText<RoomId>(row.room_id), seq, ordinal, rightsEpoch, historyEpoch },
  };
}
