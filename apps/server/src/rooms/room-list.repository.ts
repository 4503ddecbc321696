import type { HistoryEntry, JoinedRoom, ReadCursor, RoomId, UserId } from '@maru/contract';
import { Database, uuidBytes, uuidText } from '@maru/database';
import { type EntryRow, historyEntry, MESSAGE_COLUMNS } from '@maru/room-log';
import { Injectable } from '@nestjs/common';
import type { PreferencesRow } from './preferences.repository.js';
import { joined, type JoinedRow, LISTED } from './rooms.repository.js';

type MessageColumns = { [Column in keyof Omit<EntryRow, 'target_seq'> as `msg_${Column}`]: EntryRow[Column] };

type Row = JoinedRow &
  PreferencesRow &
  MessageColumns & {
    read_seq: number | null;
    read_ordinal: number | null;
    active_at: Date;
    known_seq: number | null;
    mentioned: string | null;
  };

/** One room of somebody's list, as the database knows it. */
export interface ListedRoom {
  room: JoinedRoom;
  /** The newest message or system entry. */
  last: HistoryEntry | null;
  /** Something happened that `last` may not tell yet. */
  isBehind: boolean;
  activeAt: number;
  cursor: ReadCursor;
  preferences: PreferencesRow;
  /** Messages above the cursor that mention this person, newest first. */
  mentions: number[];
}

export interface RoomListPlace {
  activeAt: number;
  roomId: RoomId;
}

/** Shorter than what MySQL gives at most: the last number may be cut off. */
const MENTIONED_CHARS = 1_000;
const ACTIVE_AT = 'COALESCE(a.last_at, r.created_at)';
const MESSAGE = MESSAGE_COLUMNS.map((column) => `msg.${column} AS msg_${column}`).join(', ');
const LIST = `SELECT ${LISTED}, m.role, m.joined_seq, u.until AS muted_until, c.seq AS read_seq, c.ordinal AS read_ordinal,
    p.notify, p.pinned, p.unread_mark, a.head_seq AS known_seq, ${ACTIVE_AT} AS active_at, ${MESSAGE},
    (SELECT GROUP_CONCAT(n.seq ORDER BY n.seq DESC) FROM message_mentions n
      WHERE n.room_id = m.room_id AND n.user_id = m.user_id AND n.seq > COALESCE(c.seq, m.joined_seq)) AS mentioned
  FROM room_members m
  JOIN rooms r ON r.id = m.room_id
  JOIN room_heads h ON h.room_id = m.room_id
  LEFT JOIN room_mutes u ON u.room_id = m.room_id AND u.user_id = m.user_id
  LEFT JOIN read_cursors c ON c.room_id = m.room_id AND c.user_id = m.user_id
  LEFT JOIN room_preferences p ON p.user_id = m.user_id AND p.room_id = m.room_id
  LEFT JOIN room_activity a ON a.room_id = m.room_id
  LEFT JOIN messages msg ON msg.room_id = m.room_id AND msg.seq = a.last_seq
  WHERE m.user_id = ?`;

/** Everything that a list of rooms shows, in one statement. */
@Injectable()
export class RoomListRepository {
  constructor(private readonly database: Database) {}

  /** Latest activity first, after that place; of those rooms, where some are given. */
  async byActivity(
    userId: UserId,
    limit: number,
    after: RoomListPlace | undefined,
    among: readonly RoomId[] | undefined,
  ): Promise<ListedRoom[]> {
    if (among?.length === 0) return [];
    const at = after && new Date(after.activeAt);
    const rows = await this.database.fresh<Row>(
      `${LIST} ${among === undefined ? '' : 'AND m.room_id IN (?)'}
       ${after === undefined ? '' : `AND ${ACTIVE_AT} <= ? AND (${ACTIVE_AT} < ? OR m.room_id < ?)`}
       ORDER BY active_at DESC, m.room_id DESC LIMIT ?`,
      [
        uuidBytes(userId),
        ...(among === undefined ? [] : [among.map(uuidBytes)]),
        ...(after === undefined ? [] : [at, at, uuidBytes(after.roomId)]),
        limit,
      ],
    );
    return rows.map((row) => listed(row, userId));
  }

  /** In the order of their ids, after that one. */
  async byId(userId: UserId, limit: number, after: RoomId | undefined): Promise<ListedRoom[]> {
    const rows = await this.database.fresh<Row>(
      `${LIST} ${after === undefined ? '' : 'AND m.room_id > ?'} ORDER BY m.room_id LIMIT ?`,
      [uuidBytes(userId), ...(after === undefined ? [] : [uuidBytes(after)]), limit],
    );
    return rows.map((row) => listed(row, userId));
  }

  /** What the rooms of somebody are called; those of two are called by the other person. */
  async names(userId: UserId): Promise<{ id: RoomId; name: string }[]> {
    const rows = await this.database.fresh<{ id: Buffer; name: string; peer: string | null }>(
      `SELECT r.id, r.name, o.display_name AS peer FROM room_members m JOIN rooms r ON r.id = m.room_id
       LEFT JOIN room_members om ON r.kind = 'direct' AND om.room_id = m.room_id AND om.user_id <> m.user_id
       LEFT JOIN users o ON o.id = om.user_id WHERE m.user_id = ?`,
      [uuidBytes(userId)],
    );
    return rows.map(({ id, name, peer }) => ({ id: uuidText(id), name: peer ?? name }));
  }
}

function listed(row: Row, userId: UserId): ListedRoom {
  const room = joined(row, userId);
  const hasLast = (row.msg_kind as number | null) !== null;
  const message = Object.fromEntries(MESSAGE_COLUMNS.map((column) => [column, row[`msg_${column}`]]));
  return {
    room,
    last: hasLast ? historyEntry(room.id, message as unknown as EntryRow) : null,
    isBehind: (row.known_seq ?? 0) < room.head,
    activeAt: row.active_at.getTime(),
    cursor: { seq: row.read_seq ?? room.joinedSeq, ordinal: row.read_ordinal ?? 0 },
    preferences: row,
    mentions: seqs(row.mentioned),
  };
}

function seqs(list: string | null): number[] {
  if (list === null) return [];
  const all = list.split(',').map(Number);
  return list.length < MENTIONED_CHARS ? all : all.slice(0, -1);
}
