import { hash } from 'node:crypto';
import { ChatError, membershipAfter, type Entry, type HistoryEntry, type Message } from '@maru/contract';
import type { MessageId, RoomId, Stored, UserId } from '@maru/contract';
import { type Database, type Transaction, uuidBytes, uuidText } from '@maru/database';
import { uuidv7 } from 'uuidv7';
import { CHANGE, entry, type EntryRow, historyEntry, KIND, MESSAGE, type SystemFact } from './entry-rows.js';
import type { HistoryRange } from './history-window.js';
import { type Head, messageKey, type NewMessage, type StoredMessage } from './log-types.js';

/** Tells whether a resend carries the same content; 32 hex digits. Half of SHA-256 is plenty: it guards against mistakes, not forgers. */
export const contentHash = (text: string, replyTo?: number): string =>
  hash('sha256', replyTo === undefined ? text : `${replyTo}\0${text}`, 'hex').slice(0, 32);

/** Of a deleted message: short texts could be guessed from their hash. Every resend is then the same. */
export const NO_HASH = '0'.repeat(32);

export interface HeadRow {
  room_id: Buffer;
  last_seq: number;
  last_ordinal: number;
  rights_epoch: number;
  history_epoch: number;
  members_seq: number;
}

export const HEAD = 'room_id, last_seq, last_ordinal, rights_epoch, history_epoch, members_seq';
const PURGED = ['message_editions', 'message_reactions', 'message_mentions', 'room_pins', 'room_changes', 'messages'];

/** The newest message or system entry of a room, and the head of the room when it was the newest. */
export interface HistoryEnd {
  roomId: RoomId;
  headSeq: number;
  lastSeq: number;
  lastAt: Date;
}

/** A page of history in ascending seq, and the seqs that it covers. */
export interface Page {
  entries: HistoryEntry[];
  from: number;
  to: number;
}

/** The statements on room_heads, messages and what belongs to messages, besides those of the two writers. */
export class LogRepository {
  constructor(private readonly database: Database) {}

  /** Heads now, from the primary. A room that does not exist is left out. */
  async heads(rooms: readonly RoomId[]): Promise<Head[]> {
    if (rooms.length === 0) return [];
    const rows = await this.database.fresh<HeadRow>(`SELECT ${HEAD} FROM room_heads WHERE room_id IN (?)`, [
      rooms.map(uuidBytes),
    ]);
    return rows.map(toHead);
  }

  /** Says that history itself was replaced, unless somebody has said so since this head was read. Returns the head now. */
  async raiseHistoryEpoch({ roomId, historyEpoch }: Head): Promise<Head | undefined> {
    await this.database.write((transaction) =>
      transaction.execute(
        'UPDATE room_heads SET history_epoch = history_epoch + 1 WHERE room_id = ? AND history_epoch = ?',
        [uuidBytes(roomId), historyEpoch],
      ),
    );
    const [head] = await this.heads([roomId]);
    return head;
  }

  /** The newest message or system entry of each room, in its present state. */
  async newest(rooms: readonly RoomId[]): Promise<Map<RoomId, HistoryEntry>> {
    if (rooms.length === 0) return new Map();
    const columns = MESSAGE.replace(/(?<=^|, )(?!NULL)/g, 'm.');
    const rows = await this.database.fresh<EntryRow & { room_id: Buffer }>(
      `SELECT m.room_id, ${columns}
       FROM (SELECT room_id, MAX(seq) AS seq FROM messages WHERE room_id IN (?) GROUP BY room_id) newest
       JOIN messages m ON m.room_id = newest.room_id AND m.seq = newest.seq`,
      [rooms.map(uuidBytes)],
    );
    return new Map(
      rows.map((row) => {
        const roomId = uuidText<RoomId>(row.room_id);
        return [roomId, historyEntry(roomId, row)];
      }),
    );
  }

  /** Where a room's history ends, for each room. Rooms without a head are left out. */
  async ends(rooms: readonly RoomId[]): Promise<HistoryEnd[]> {
    if (rooms.length === 0) return [];
    const rows = await this.database.fresh<{ room_id: Buffer; head_seq: number; seq: number; created_at: Date }>(
      `SELECT h.room_id, h.last_seq AS head_seq, m.seq, m.created_at FROM room_heads h
       JOIN (SELECT room_id, MAX(seq) AS seq FROM messages WHERE room_id IN (?) GROUP BY room_id) newest
         ON newest.room_id = h.room_id
       JOIN messages m ON m.room_id = newest.room_id AND m.seq = newest.seq`,
      [rooms.map(uuidBytes)],
    );
    return rows.map((row) => ({
      roomId: uuidText(row.room_id),
      headSeq: row.head_seq,
      lastSeq: row.seq,
      lastAt: row.created_at,
    }));
  }

  /** This place in a room, or its head where the place is past it, and how many messages there are up to there. */
  async place(roomId: RoomId, seq: number): Promise<{ seq: number; ordinal: number }> {
    const room = uuidBytes(roomId);
    const [row] = await this.database.fresh<{ last_seq: number; ordinal: number | null }>(
      `SELECT h.last_seq, (SELECT m.ordinal FROM messages m WHERE m.room_id = h.room_id AND m.seq <= ?
         ORDER BY m.seq DESC LIMIT 1) AS ordinal FROM room_heads h WHERE h.room_id = ?`,
      [seq, room],
    );
    return { seq: Math.min(seq, row?.last_seq ?? 0), ordinal: row?.ordinal ?? 0 };
  }

  /** The newest messages of a range, by whom, in ascending seq, and the head that was read with them. */
  async said(
    roomId: RoomId,
    { from, to, limit }: { from: number; to: number; limit: number },
  ): Promise<{ head: Pick<Head, 'seq' | 'membersSeq'>; messages: { seq: number; senderId: UserId }[] }> {
    const room = uuidBytes(roomId);
    const rows = await this.database.fresh<{
      seq: number | null;
      sender_id: Buffer;
      last_seq: number;
      members_seq: number;
    }>(
      `SELECT h.last_seq, h.members_seq, m.seq, m.sender_id FROM room_heads h
       LEFT JOIN (SELECT room_id, seq, sender_id FROM messages WHERE room_id = ? AND seq >= ? AND seq <= ?
         AND kind = ${KIND.message} ORDER BY seq DESC LIMIT ?) m ON m.room_id = h.room_id
       WHERE h.room_id = ? ORDER BY m.seq`,
      [room, from, to, limit, room],
    );
    const messages = rows.flatMap(({ seq, sender_id: senderId }) =>
      seq === null ? [] : [{ seq, senderId: uuidText<UserId>(senderId) }],
    );
    return { head: { seq: rows[0]?.last_seq ?? 0, membersSeq: rows[0]?.members_seq ?? 0 }, messages };
  }

  /**
   * A page of history between two seqs (neither included), in ascending seq: one range scan. From a replica, unless
   * its own head, read in the same statement, is older than asked for; then from the primary.
   */
  async page(roomId: RoomId, { after, before, limit, newestFirst, asNewAs }: HistoryRange): Promise<Page> {
    const room = uuidBytes(roomId);
    const sql = `SELECT ${MESSAGE}, (SELECT last_seq FROM room_heads WHERE room_id = ?) AS head
                 FROM messages WHERE room_id = ? AND seq > ? AND seq < ? ORDER BY seq ${newestFirst ? 'DESC' : ''} LIMIT ?`;
    const rows = await this.asNewAs(sql, [room, room, after, before, limit], asNewAs);
    const found = rows.map((row) => historyEntry(roomId, row));
    const entries = newestFirst ? found.toReversed() : found;
    const [full, last] = [entries.length === limit, entries.at(-1)?.seq ?? after];
    return {
      entries,
      from: newestFirst && full ? (entries[0]?.seq ?? 1) : after + 1,
      to: newestFirst || !full ? Math.max(last, Math.min(before - 1, rows[0]?.head ?? 0)) : last,
    };
  }

  /** These messages, in their present state; what is no message is left out. */
  async messagesAt(roomId: RoomId, seqs: readonly number[], asNewAs: number): Promise<Message[]> {
    if (seqs.length === 0) return [];
    const room = uuidBytes(roomId);
    const sql = `SELECT ${MESSAGE}, (SELECT last_seq FROM room_heads WHERE room_id = ?) AS head
                 FROM messages WHERE room_id = ? AND seq IN (?) AND kind = ${KIND.message} ORDER BY seq`;
    const rows = await this.asNewAs(sql, [room, room, seqs], asNewAs);
    return rows.map((row) => historyEntry(roomId, row) as Message);
  }

  private async asNewAs(
    sql: string,
    params: readonly unknown[],
    seq: number,
  ): Promise<(EntryRow & { head: number })[]> {
    const rows = await this.database.read<EntryRow & { head: number }>(sql, params);
    return (rows[0]?.head ?? 0) < seq ? this.database.fresh<EntryRow & { head: number }>(sql, params) : rows;
  }

  /**
   * Everything that happened after `after`, up to `head`, oldest first, without holes. Both tables are read in one
   * statement: two would see two moments and could skip an entry.
   */
  async entries(roomId: RoomId, after: number, head: number, limit: number, age: 'read' | 'fresh'): Promise<Entry[]> {
    const range = [uuidBytes(roomId), after, head, limit];
    const rows = await this.database[age]<EntryRow>(
      `(SELECT ${MESSAGE} FROM messages WHERE room_id = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?)
       UNION ALL
       (SELECT ${CHANGE} FROM room_changes WHERE room_id = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?)
       ORDER BY seq LIMIT ?`,
      [...range, ...range, limit],
    );
    return rows.map((row) => entry(roomId, row));
  }

  /** The same, from a replica if it reaches `head`. */
  async resume(roomId: RoomId, after: number, head: number, limit: number): Promise<Entry[]> {
    const expected = Math.min(head, after + limit);
    const entries = await this.entries(roomId, after, head, limit, 'read');
    return (entries.at(-1)?.seq ?? after) === expected ? entries : this.entries(roomId, after, head, limit, 'fresh');
  }

  /** Which of these messages are stored, from the primary, in one statement. */
  async stored(messages: readonly NewMessage[]): Promise<Map<string, StoredMessage>> {
    if (messages.length === 0) return new Map();
    const rows = await this.database.fresh<EntryRow & { room_id: Buffer; body_hash: Buffer }>(
      `SELECT room_id, sender_id, id, seq, ordinal, created_at, body_hash FROM messages
       WHERE ${messages.map(() => '(room_id = ? AND sender_id = ? AND id = ?)').join(' OR ')}`,
      messages.flatMap(({ roomId, senderId, id }) => [roomId, senderId, id].map(uuidBytes)),
    );
    return new Map(
      rows.map((row) => {
        const place = {
          roomId: uuidText<RoomId>(row.room_id),
          senderId: uuidText<UserId>(row.sender_id),
          id: uuidText<MessageId>(row.id as Buffer),
        };
        const { roomId, id } = place;
        const stored = { roomId, id, seq: row.seq, ordinal: row.ordinal, createdAt: row.created_at.getTime() };
        return [messageKey(place), { stored, hash: row.body_hash.toString('hex') }];
      }),
    );
  }

  /** The answer that a message got, from the primary. Throws `conflict` where the id carries another content. */
  async find(message: NewMessage): Promise<Stored | undefined> {
    const found = (await this.stored([message])).get(message.key);
    return found && sameContent(found, contentHash(message.text, message.replyTo));
  }

  /** The first row of a new room. */
  async createHead(transaction: Transaction, roomId: RoomId): Promise<void> {
    await transaction.execute(`INSERT INTO room_heads (${HEAD}) VALUES (?, 0, 0, 1, 1, 0)`, [uuidBytes(roomId)]);
  }

  /** Takes the row lock under which everything in a room happens one after the other; undefined where there is none. */
  async lockHead(transaction: Transaction, roomId: RoomId): Promise<Head | undefined> {
    const [row] = await transaction.select<HeadRow>(`SELECT ${HEAD} FROM room_heads WHERE room_id = ? FOR UPDATE`, [
      uuidBytes(roomId),
    ]);
    return row && toHead(row);
  }

  /** Counts in `count` entries that raise no ordinal, under the row lock. Returns the head after them. */
  async raiseHead(
    transaction: Transaction,
    head: Head,
    count: number,
    { changesRights = false, changesMembers = false } = {},
  ): Promise<Head> {
    const seq = head.seq + count;
    const raised = {
      ...head,
      seq,
      rightsEpoch: head.rightsEpoch + (changesRights ? 1 : 0),
      membersSeq: changesMembers ? seq : head.membersSeq,
    };
    await transaction.execute(
      'UPDATE room_heads SET last_seq = ?, rights_epoch = ?, members_seq = ? WHERE room_id = ?',
      [raised.seq, raised.rightsEpoch, raised.membersSeq, uuidBytes(head.roomId)],
    );
    return raised;
  }

  /** Appends a system entry in the transaction that changes the room and holds its row lock. */
  async appendSystem(
    transaction: Transaction,
    head: Head,
    { userId, ...fact }: SystemFact,
    changesRights: boolean,
  ): Promise<{ entry: HistoryEntry; head: Head }> {
    const changesMembers = membershipAfter(fact.event) !== undefined || fact.event === 'deleted';
    const raised = await this.raiseHead(transaction, head, 1, { changesRights, changesMembers });
    const body = JSON.stringify(fact);
    const createdAt = new Date();
    await transaction.execute(
      `INSERT INTO messages (room_id, seq, ordinal, kind, sender_id, id, body, body_hash, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        uuidBytes(head.roomId),
        raised.seq,
        raised.ordinal,
        KIND.system,
        uuidBytes(userId),
        uuidBytes(uuidv7()),
        body,
        Buffer.from(contentHash(body), 'hex'),
        createdAt,
      ],
    );
    const { roomId, seq, ordinal } = raised;
    const place = { roomId, seq, ordinal, createdAt: createdAt.getTime() };
    return { head: raised, entry: { kind: 'system', ...place, userId, ...fact } };
  }

  /** Takes away at most `rows` rows of each table. Returns whether the whole log is gone. */
  async purge(roomId: RoomId, rows: number): Promise<boolean> {
    let left = false;
    for (const table of PURGED) {
      const { affectedRows } = await this.database.write((transaction) =>
        transaction.execute(`DELETE FROM ${table} WHERE room_id = ? LIMIT ?`, [uuidBytes(roomId), rows]),
      );
      left ||= affectedRows === rows;
    }
    if (left) return false;
    await this.database.write((transaction) =>
      transaction.execute('DELETE FROM room_heads WHERE room_id = ?', [uuidBytes(roomId)]),
    );
    return true;
  }
}

/** Throws `conflict`. */
export function sameContent(known: StoredMessage, given: string): Stored {
  if (known.hash !== given && known.hash !== NO_HASH) throw new ChatError('conflict');
  return known.stored;
}

export function toHead(row: HeadRow): Head {
  return {
    roomId: uuidText(row.room_id),
    seq: row.last_seq,
    ordinal: row.last_ordinal,
    rightsEpoch: row.rights_epoch,
    historyEpoch: row.history_epoch,
    membersSeq: row.members_seq,
  };
}
