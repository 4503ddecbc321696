import type { Change, Entry, HistoryEntry, MessageId, RoomId, SystemEntry, UserId } from '@maru/contract';
import { uuidBytes, uuidText } from '@maru/database';

export const KIND = { message: 0, system: 1, change: 2 } as const;

/** A UNION widens the type of its columns: the driver may give a DECIMAL as text. */
type Numeric = number | string;

export interface EntryRow {
  kind: Numeric;
  seq: number;
  ordinal: number;
  sender_id: Buffer;
  id: Buffer | null;
  body: string | null;
  changed_seq: Numeric | null;
  target_seq: Numeric | null;
  created_at: Date;
  reply_to: Numeric | null;
  mentions: Buffer | null;
  edited_at: Date | null;
  reactions: string | null;
  pinned: Numeric;
}

/** Columns of `messages` that a HistoryEntry is made of. */
export const MESSAGE_COLUMNS = [
  'kind',
  'seq',
  'ordinal',
  'sender_id',
  'id',
  'body',
  'changed_seq',
  'created_at',
  'reply_to',
  'mentions',
  'edited_at',
  'reactions',
  'pinned',
] as const;
/** Columns of `messages` and of `room_changes` that make an EntryRow. */
export const MESSAGE =
  'kind, seq, ordinal, sender_id, id, body, changed_seq, NULL AS target_seq, created_at, reply_to, mentions, edited_at, reactions, pinned';
export const CHANGE = `${KIND.change}, seq, ordinal, actor_id, NULL, body, NULL, target_seq, created_at, NULL, NULL, NULL, NULL, 0`;

/** What a system entry says besides its place. */
export type SystemFact = Omit<SystemEntry, 'kind' | 'roomId' | 'seq' | 'ordinal' | 'createdAt'>;

const ID_BYTES = 16;

export const mentionBytes = (mentions: readonly UserId[] | undefined): Buffer | null =>
  mentions === undefined || mentions.length === 0 ? null : Buffer.concat(mentions.map(uuidBytes));

function mentionsOf(bytes: Buffer): UserId[] {
  return Array.from({ length: bytes.length / ID_BYTES }, (_, i) =>
    uuidText<UserId>(bytes.subarray(i * ID_BYTES, (i + 1) * ID_BYTES)),
  );
}

/** Without who reacted: that lies in a table of its own. */
export interface ReactionCount {
  emoji: string;
  count: number;
}

export const reactionsText = (reactions: readonly ReactionCount[]): string | null =>
  reactions.length === 0 ? null : JSON.stringify(reactions.map(({ emoji, count }) => [emoji, count]));

const reactionsOf = (text: string): ReactionCount[] =>
  (JSON.parse(text) as [string, number][]).map(([emoji, count]) => ({ emoji, count }));

export function historyEntry(roomId: RoomId, row: Omit<EntryRow, 'target_seq'>): HistoryEntry {
  const place = { roomId, seq: row.seq, ordinal: row.ordinal, createdAt: row.created_at.getTime() };
  const userId = uuidText<UserId>(row.sender_id);
  if (Number(row.kind) === KIND.system) {
    const fact = JSON.parse(row.body ?? '{}') as Omit<SystemFact, 'userId'>;
    return { kind: 'system', ...place, userId, ...fact };
  }
  return {
    kind: 'message',
    ...place,
    id: uuidText<MessageId>(row.id as Buffer),
    senderId: userId,
    text: row.body,
    ...(row.reply_to === null ? {} : { replyTo: Number(row.reply_to) }),
    ...(row.mentions === null ? {} : { mentions: mentionsOf(row.mentions) }),
    ...(row.edited_at === null ? {} : { editedAt: row.edited_at.getTime() }),
    ...(row.reactions === null ? {} : { reactions: reactionsOf(row.reactions) }),
    ...(Number(row.pinned) === 0 ? {} : { pinned: true }),
    ...(row.changed_seq === null ? {} : { changedSeq: Number(row.changed_seq) }),
  };
}

export function entry(roomId: RoomId, row: EntryRow): Entry {
  if (Number(row.kind) !== KIND.change) return historyEntry(roomId, row);
  return {
    kind: 'change',
    roomId,
    seq: row.seq,
    ordinal: row.ordinal,
    createdAt: row.created_at.getTime(),
    targetSeq: Number(row.target_seq),
    actorId: uuidText<UserId>(row.sender_id),
    change: row.body === null ? { type: 'deleted' } : (JSON.parse(row.body) as Change),
  };
}

/** Entries as somebody may see them who came after `hiddenUpTo`: what is not for them keeps only its place. */
export function concealed(entries: readonly Entry[], hiddenUpTo: number): Entry[] {
  return entries.map((entry) => {
    const about = entry.kind === 'change' ? entry.targetSeq : entry.seq;
    if (about > hiddenUpTo) return entry;
    const { roomId, seq, ordinal, createdAt } = entry;
    return { kind: 'hidden', roomId, seq, ordinal, createdAt };
  });
}
