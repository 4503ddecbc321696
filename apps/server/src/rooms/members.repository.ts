import { ChatError, FOREVER, type Role, type RoomId, type RoomSettings, type UserId } from '@maru/contract';
import { BatchReader, Database, type Transaction, uuidBytes, uuidText } from '@maru/database';
import type { Head, Rights, RightsSource } from '@maru/room-log';
import { Injectable } from '@nestjs/common';
import { isAtLeast } from './room-rules.js';
import { stillMuted } from './rooms.repository.js';

interface RightsRow {
  user_id: Buffer;
  role: Role;
  joined_seq: number;
  muted_until: Date | null;
  rights_epoch: number;
  kind: RoomSettings['kind'];
  history: RoomSettings['history'];
  slow_mode_s: number;
  archived_at: Date | null;
}

interface MembershipRow extends RightsRow {
  room_id: Buffer;
  last_seq: number;
  last_ordinal: number;
  history_epoch: number;
  members_seq: number;
}

/** What somebody needs to know who opens a room: may I read, may I write, since when, and how far is it. */
export interface Membership {
  rights: Rights;
  /** Why this person may read here and not write. */
  refusal: ChatError | undefined;
  kind: RoomSettings['kind'];
  head: Head;
}

interface Seat {
  roomId: RoomId;
  userId: UserId;
}

export interface MemberRow {
  userId: UserId;
  role: Role;
  joinedSeq: number;
  mutedUntil: number | null;
}

const RIGHTS = `m.user_id, m.role, m.joined_seq, u.until AS muted_until, h.rights_epoch, r.kind, r.history, r.slow_mode_s,
  r.archived_at`;
const MUTES = 'LEFT JOIN room_mutes u ON u.room_id = m.room_id AND u.user_id = m.user_id';
const FROM = `FROM room_members m JOIN room_heads h ON h.room_id = m.room_id JOIN rooms r ON r.id = m.room_id ${MUTES}`;
const OF_ROOM = `SELECT ${RIGHTS} ${FROM} WHERE m.room_id = ? AND m.user_id IN (?)`;
const MEMBER = `SELECT m.user_id, m.role, m.joined_seq, u.until AS muted_until FROM room_members m ${MUTES}`;

@Injectable()
export class MembersRepository implements RightsSource {
  private readonly memberships = new BatchReader((asked: readonly Seat[]) => this.readMemberships(asked));

  constructor(private readonly database: Database) {}

  /** Membership and rights epoch in one statement: read apart, a kick could fall between them. */
  async freshRights(roomId: RoomId, users: readonly UserId[]): Promise<Map<UserId, Rights | ChatError>> {
    return writers(await this.database.fresh<RightsRow>(OF_ROOM, [uuidBytes(roomId), users.map(uuidBytes)]));
  }

  async rightsUnder(
    transaction: Transaction,
    roomId: RoomId,
    users: readonly UserId[],
  ): Promise<Map<UserId, Rights | ChatError>> {
    return writers(await transaction.select<RightsRow>(OF_ROOM, [uuidBytes(roomId), users.map(uuidBytes)]));
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
      `SELECT m.room_id, ${RIGHTS}, h.last_seq, h.last_ordinal, h.history_epoch, h.members_seq ${FROM}
       WHERE ${asked.map(() => '(m.room_id = ? AND m.user_id = ?)').join(' OR ')}`,
      asked.flatMap(({ roomId, userId }) => [uuidBytes(roomId), uuidBytes(userId)]),
    );
    const found = new Map(rows.map((row) => [uuidText(row.room_id) + uuidText(row.user_id), membership(row)]));
    return asked.map(({ roomId, userId }) => found.get(roomId + userId));
  }

  async find(transaction: Transaction, roomId: RoomId, userId: UserId): Promise<MemberRow | undefined> {
    const [row] = await transaction.select<RightsRow>(`${MEMBER} WHERE m.room_id = ? AND m.user_id = ?`, [
      uuidBytes(roomId),
      uuidBytes(userId),
    ]);
    return row && member(row);
  }

  /** Which of these people are members, from the primary. */
  async among(roomId: RoomId, userIds: readonly UserId[]): Promise<UserId[]> {
    if (userIds.length === 0) return [];
    const rows = await this.database.fresh<{ user_id: Buffer }>(
      'SELECT user_id FROM room_members WHERE room_id = ? AND user_id IN (?)',
      [uuidBytes(roomId), userIds.map(uuidBytes)],
    );
    return rows.map((row) => uuidText(row.user_id));
  }

  /** Members now who were members when this entry was written. */
  async before(roomId: RoomId, seq: number): Promise<UserId[]> {
    const rows = await this.database.fresh<{ user_id: Buffer }>(
      'SELECT user_id FROM room_members WHERE room_id = ? AND joined_seq < ?',
      [uuidBytes(roomId), seq],
    );
    return rows.map((row) => uuidText(row.user_id));
  }

  async add(transaction: Transaction, roomId: RoomId, userId: UserId, role: Role, joinedSeq: number): Promise<void> {
    await transaction.execute(
      'INSERT INTO room_members (room_id, user_id, role, joined_seq, joined_at) VALUES (?, ?, ?, ?, ?)',
      [uuidBytes(roomId), uuidBytes(userId), role, joinedSeq, new Date()],
    );
  }

  async setRole(transaction: Transaction, roomId: RoomId, userId: UserId, role: Role): Promise<void> {
    await transaction.execute('UPDATE room_members SET role = ? WHERE room_id = ? AND user_id = ?', [
      role,
      uuidBytes(roomId),
      uuidBytes(userId),
    ]);
  }

  /** Outlives the membership. null: no more. */
  async setMuted(transaction: Transaction, roomId: RoomId, userId: UserId, until: number | null): Promise<void> {
    const key = [uuidBytes(roomId), uuidBytes(userId)];
    if (until === null) await transaction.execute('DELETE FROM room_mutes WHERE room_id = ? AND user_id = ?', key);
    else {
      await transaction.execute(
        'INSERT INTO room_mutes (room_id, user_id, until) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE until = VALUES(until)',
        [...key, new Date(until)],
      );
    }
  }

  async remove(transaction: Transaction, roomId: RoomId, userId: UserId): Promise<void> {
    await transaction.execute('DELETE FROM room_members WHERE room_id = ? AND user_id = ?', [
      uuidBytes(roomId),
      uuidBytes(userId),
    ]);
  }

  async removeAll(transaction: Transaction, roomId: RoomId): Promise<void> {
    for (const table of ['room_members', 'room_mutes']) {
      await transaction.execute(`DELETE FROM ${table} WHERE room_id = ?`, [uuidBytes(roomId)]);
    }
  }

  /** A page of members in the order they joined, after that seq. */
  async page(roomId: RoomId, afterSeq: number, limit: number): Promise<MemberRow[]> {
    const rows = await this.database.fresh<RightsRow>(
      `${MEMBER} WHERE m.room_id = ? AND m.joined_seq > ? ORDER BY m.joined_seq LIMIT ?`,
      [uuidBytes(roomId), afterSeq, limit],
    );
    return rows.map(member);
  }
}

const member = (row: Pick<RightsRow, 'user_id' | 'role' | 'joined_seq' | 'muted_until'>): MemberRow => ({
  userId: uuidText<UserId>(row.user_id),
  role: row.role,
  joinedSeq: row.joined_seq,
  mutedUntil: stillMuted(row.muted_until),
});

const rights = (row: RightsRow): Rights => ({
  epoch: row.rights_epoch,
  joinedSeq: row.joined_seq,
  role: row.role,
  hiddenUpTo: row.history === 'joined' ? row.joined_seq - 1 : 0,
  slowModeSeconds: isAtLeast(row.role, 'admin') ? 0 : row.slow_mode_s,
});

/** Why a member may not write, if he may not. */
function refusal(row: RightsRow): ChatError | undefined {
  if (row.archived_at !== null) return new ChatError('archived');
  const until = stillMuted(row.muted_until);
  if (until === null) return undefined;
  return new ChatError('muted', until === FOREVER ? {} : { retryAfterMs: until - Date.now() });
}

const writers = (rows: readonly RightsRow[]): Map<UserId, Rights | ChatError> =>
  new Map(rows.map((row) => [uuidText<UserId>(row.user_id), refusal(row) ?? rights(row)]));

function membership(row: MembershipRow): Membership {
  const { rights_epoch: rightsEpoch, last_seq: seq, last_ordinal: ordinal, history_epoch: historyEpoch } = row;
  return {
    rights: rights(row),
    refusal: refusal(row),
    kind: row.kind,
    head: {
      roomId: uuidText<RoomId>(row.room_id),
      seq,
      ordinal,
      rightsEpoch,
      historyEpoch,
      membersSeq: row.members_seq,
    },
  };
}
