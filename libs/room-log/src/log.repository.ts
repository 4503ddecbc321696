import { hash } from 'node:crypto';
import {
  type ChangeEntry,
  ChatError,
  type Entry,
  type HistoryEntry,
  type MessageId,
  type RoomId,
  type Stored,
  type SystemEvent,
  type UserId,
} from '@maru/contract';
import { type Database, type Transaction, uuidBytes, uuidText } from '@maru/database';
import { uuidv7 } from 'uuidv7';
import { type Head, messageKey, type NewMessage, type StoredMessage } from './log-types.js';

export const KIND = { message: 0, system: 1, change: 2 } as const;

/** Tells whether a resend carries the same text; 32 hex digits. Half of SHA-256 is plenty: it guards against mistakes, not forgers. */
export const bodyHash = (text: string): string => hash('sha256', text, 'hex').slice(0, 32);

/** A UNION widens the type of its columns: the driver may give a DECIMAL as text. */
type Numeric = number | string;

interface EntryRow {
  kind: Numeric;
  seq: number;
  ordinal: number;
  sender_id: Buffer | null;
  id: Buffer | null;
  body: string | null;
  changed_seq: Numeric | null;
  target_seq: Numeric | null;
  created_at: Date;
}

export interface HeadRow {
  room_id: Buffer;
  last_seq: number;
  last_ordinal: number;
  rights_epoch: number;
  history_epoch: number;
}

export const HEAD = 'room_id, last_seq, last_ordinal, rights_epoch, history_epoch';
const MESSAGE = 'kind, seq, ordinal, sender_id, id, body, changed_seq, NULL AS target_seq, created_at';
const CHANGE = `${KIND.change}, seq, ordinal, NULL, NULL, body, NULL, target_seq, created_at`;

/** The only statements on room_heads, messages and room_changes, besides the writer's own transaction. */
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
    const rows = await this.database.fresh<EntryRow & { room_id: Buffer }>(
      `SELECT m.room_id, m.kind, m.seq, m.ordinal, m.sender_id, m.id, m.body, m.changed_seq, NULL AS target_seq, m.created_at
       FROM (SELECT room_id, MAX(seq) AS seq FROM messages WHERE room_id IN (?) GROUP BY room_id) newest
       JOIN messages m ON m.room_id = newest.room_id AND m.seq = newest.seq`,
      [rooms.map(uuidBytes)],
    );
    return new Map(
      rows.map((row) => {
        const roomId = uuidText<RoomId>(row.room_id);
        return [roomId, entry(roomId, row) as HistoryEntry];
      }),
    );
  }

  /** The newest `limit` entries of history below `before`, in ascending seq: one range scan. */
  async below(roomId: RoomId, before: number, limit: number, reach: number): Promise<HistoryEntry[]> {
    const rows = await this.page(roomId, 'seq < ?', 'seq DESC', before, limit, reach);
    return rows.toReversed();
  }

  /** The oldest `limit` entries of history above `after`, in ascending seq. */
  async above(roomId: RoomId, after: number, limit: number, reach: number): Promise<HistoryEntry[]> {
    return this.page(roomId, 'seq > ?', 'seq', after, limit, reach);
  }

  /** From a replica, unless its own head, read in the same statement, lies below `reach`; then from the primary. */
  private async page(
    roomId: RoomId,
    side: 'seq < ?' | 'seq > ?',
    order: 'seq' | 'seq DESC',
    seq: number,
    limit: number,
    reach: number,
  ): Promise<HistoryEntry[]> {
    const room = uuidBytes(roomId);
    const sql = `SELECT ${MESSAGE}, (SELECT last_seq FROM room_heads WHERE room_id = ?) AS head
                 FROM messages WHERE room_id = ? AND ${side} ORDER BY ${order} LIMIT ?`;
    const params = [room, room, seq, limit];
    let rows = await this.database.read<EntryRow & { head: number }>(sql, params);
    if ((rows[0]?.head ?? 0) < reach) rows = await this.database.fresh(sql, params);
    return rows.map((row) => entry(roomId, row) as HistoryEntry);
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
          senderId: uuidText<UserId>(row.sender_id as Buffer),
          id: uuidText<MessageId>(row.id as Buffer),
        };
        const { roomId, id } = place;
        const stored = { roomId, id, seq: row.seq, ordinal: row.ordinal, createdAt: row.created_at.getTime() };
        return [messageKey(place), { stored, hash: row.body_hash.toString('hex') }];
      }),
    );
  }

  /** The answer that a message got, from the primary. Throws `conflict` where the id carries another text. */
  async find(message: NewMessage): Promise<Stored | undefined> {
    const found = (await this.stored([message])).get(message.key);
    return found && sameText(found, bodyHash(message.text));
  }

  /** The first row of a new room. */
  async createHead(transaction: Transaction, roomId: RoomId): Promise<void> {
    await transaction.execute(`INSERT INTO room_heads (${HEAD}) VALUES (?, 0, 0, 1, 1)`, [uuidBytes(roomId)]);
  }

  /**
   * Appends a system entry inside the transaction that changes the room, and takes the room's row lock with it:
   * call it first, so that commit order is seq order. Returns undefined where the room does not exist.
   */
  async appendSystem(
    transaction: Transaction,
    roomId: RoomId,
    system: { event: SystemEvent; userId: UserId; name: string; takesRightsAway: boolean },
  ): Promise<{ entry: Entry; head: Head } | undefined> {
    const room = uuidBytes(roomId);
    await transaction.execute(
      'UPDATE room_heads SET last_seq = last_seq + 1, rights_epoch = rights_epoch + ? WHERE room_id = ?',
      [system.takesRightsAway ? 1 : 0, room],
    );
    const [row] = await transaction.select<HeadRow>(`SELECT ${HEAD} FROM room_heads WHERE room_id = ?`, [room]);
    if (row === undefined) return undefined;
    const { event, userId, name } = system;
    const body = JSON.stringify({ event, name });
    const createdAt = new Date();
    await transaction.execute(
      `INSERT INTO messages (room_id, seq, ordinal, kind, sender_id, id, body, body_hash, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        room,
        row.last_seq,
        row.last_ordinal,
        KIND.system,
        uuidBytes(userId),
        uuidBytes(uuidv7()),
        body,
        Buffer.from(bodyHash(body), 'hex'),
        createdAt,
      ],
    );
    return {
      head: toHead(row),
      entry: {
        kind: 'system',
        roomId,
        seq: row.last_seq,
        ordinal: row.last_ordinal,
        createdAt: createdAt.getTime(),
        event,
        userId,
        name,
      },
    };
  }
}

/** Throws `conflict`. */
export function sameText(known: StoredMessage, given: string): Stored {
  if (known.hash !== given) throw new ChatError('conflict');
  return known.stored;
}

export function toHead(row: HeadRow): Head {
  return {
    roomId: uuidText(row.room_id),
    seq: row.last_seq,
    ordinal: row.last_ordinal,
    rightsEpoch: row.rights_epoch,
    historyEpoch: row.history_epoch,
  };
}

function entry(roomId: RoomId, row: EntryRow): Entry {
  const place = { roomId, seq: row.seq, ordinal: row.ordinal, createdAt: row.created_at.getTime() };
  const kind = Number(row.kind);
  if (kind === KIND.change) {
    return { kind: 'change', ...place, targetSeq: Number(row.target_seq), text: row.body } satisfies ChangeEntry;
  }
  const userId = uuidText<UserId>(row.sender_id as Buffer);
  if (kind === KIND.system) {
    const { event, name } = JSON.parse(row.body ?? '{}') as { event: SystemEvent; name: string };
    return { kind: 'system', ...place, event, userId, name };
  }
  return {
    kind: 'message',
    ...place,
    id: uuidText<MessageId>(row.id as Buffer),
    senderId: userId,
    text: row.body,
    ...(row.changed_seq === null ? {} : { changedSeq: Number(row.changed_seq) }),
  };
}
