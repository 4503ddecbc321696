import type { Change, ChangeEntry, Message, RoomId, UserId } from '@maru/contract';
import { type Transaction, uuidBytes, uuidText } from '@maru/database';
import { type EntryRow, historyEntry, KIND, mentionBytes, MESSAGE, reactionsText } from './entry-rows.js';
import { NO_HASH } from './log.repository.js';
import type { Head } from './log-types.js';
import { TargetMessage } from './target-message.js';

/** A change with its place in the room's order. */
export interface Decided {
  actorId: UserId;
  targetSeq: number;
  seq: number;
  change: Change;
  /** The text that it replaces. */
  before: string | null;
}

type OfType<T extends Change['type']> = Decided & { change: Change & { type: T } };
const isOf =
  <T extends Change['type']>(type: T) =>
  (decided: Decided): decided is OfType<T> =>
    decided.change.type === type;

interface Asked {
  actorId: UserId;
  targetSeq: number;
}

/** What changes of messages leave in the tables. Everything happens in one transaction, under the room's row lock. */
export class ChangesRepository {
  /** The messages that are to be changed, as they are now; what is no message is left out. */
  async load(transaction: Transaction, roomId: RoomId, asked: readonly Asked[]): Promise<Map<number, TargetMessage>> {
    const room = uuidBytes(roomId);
    const seqs = [...new Set(asked.map(({ targetSeq }) => targetSeq))];
    const actors = [...new Set(asked.map(({ actorId }) => actorId))].map(uuidBytes);
    const rows = await transaction.select<EntryRow>(
      `SELECT ${MESSAGE} FROM messages WHERE room_id = ? AND seq IN (?) AND kind = ${KIND.message}`,
      [room, seqs],
    );
    const reacted = await transaction.select<{ seq: number; emoji: string; user_id: Buffer }>(
      'SELECT seq, emoji, user_id FROM message_reactions WHERE room_id = ? AND user_id IN (?) AND seq IN (?)',
      [room, actors, seqs],
    );
    const [counted] = await transaction.select<{ count: number }>(
      'SELECT COUNT(*) AS count FROM room_pins WHERE room_id = ?',
      [room],
    );
    const pins = { count: counted?.count ?? 0 };
    return new Map(
      rows.map((row) => {
        const message = historyEntry(roomId, row) as Message;
        const mine = reacted
          .filter(({ seq }) => seq === message.seq)
          .map(({ emoji, user_id: userId }) => uuidText(userId) + emoji);
        const target = new TargetMessage(
          message.seq,
          message.senderId,
          message.text,
          message.createdAt,
          message.mentions ?? [],
          message.editedAt,
          message.reactions ?? [],
          message.pinned === true,
          pins,
          new Set(mine),
        );
        return [message.seq, target];
      }),
    );
  }

  /** Writes the changes and what became of their messages. Returns the entries. */
  async write(
    transaction: Transaction,
    { roomId, ordinal }: Head,
    decided: readonly Decided[],
    targets: ReadonlyMap<number, TargetMessage>,
  ): Promise<ChangeEntry[]> {
    const room = uuidBytes(roomId);
    const now = new Date();
    await transaction.execute(
      'INSERT INTO room_changes (room_id, seq, ordinal, target_seq, actor_id, body, created_at) VALUES ?',
      [
        decided.map(({ seq, targetSeq, actorId, change }) => [
          room,
          seq,
          ordinal,
          targetSeq,
          uuidBytes(actorId),
          change.type === 'deleted' ? null : JSON.stringify(change),
          now,
        ]),
      ],
    );
    await this.writeReactions(transaction, room, decided.filter(isOf('reacted')));
    for (const pin of decided.filter(isOf('pinned'))) await this.writePin(transaction, room, pin);
    for (const edit of decided.filter(isOf('edited'))) await this.writeEdition(transaction, room, edit, now);
    const changed = new Map(decided.map(({ targetSeq, seq }) => [targetSeq, seq]));
    for (const [targetSeq, seq] of changed) {
      const target = targets.get(targetSeq);
      if (target !== undefined) await this.writeMessage(transaction, room, target, seq);
    }
    for (const deletion of decided.filter(isOf('deleted'))) await this.scrub(transaction, room, deletion.targetSeq);
    return decided.map(({ actorId, targetSeq, seq, change }) => ({
      kind: 'change',
      roomId,
      seq,
      ordinal,
      createdAt: now.getTime(),
      targetSeq,
      actorId,
      change,
    }));
  }

  private async writeMessage(
    transaction: Transaction,
    room: Buffer,
    { seq, text, mentions, editedAt, reactions, pinned }: TargetMessage,
    changedSeq: number,
  ): Promise<void> {
    await transaction.execute(
      `UPDATE messages SET body = ?, mentions = ?, edited_at = ?, reactions = ?, pinned = ?, changed_seq = ?
       WHERE room_id = ? AND seq = ?`,
      [
        text,
        mentionBytes(mentions),
        editedAt === undefined ? null : new Date(editedAt),
        reactionsText(reactions),
        pinned ? 1 : 0,
        changedSeq,
        room,
        seq,
      ],
    );
  }

  private async writeReactions(transaction: Transaction, room: Buffer, changes: OfType<'reacted'>[]): Promise<void> {
    for (const { targetSeq, actorId, seq, change } of changes) {
      const key = [room, targetSeq, change.emoji, uuidBytes(actorId)];
      if (change.on) {
        await transaction.execute(
          'INSERT INTO message_reactions (room_id, seq, emoji, user_id, changed_seq) VALUES (?, ?, ?, ?, ?)',
          [...key, seq],
        );
      } else {
        await transaction.execute(
          'DELETE FROM message_reactions WHERE room_id = ? AND seq = ? AND emoji = ? AND user_id = ?',
          key,
        );
      }
    }
  }

  private async writePin(
    transaction: Transaction,
    room: Buffer,
    { targetSeq, seq, change }: OfType<'pinned'>,
  ): Promise<void> {
    if (change.pinned) {
      await transaction.execute('INSERT INTO room_pins (room_id, seq, changed_seq) VALUES (?, ?, ?)', [
        room,
        targetSeq,
        seq,
      ]);
    } else await transaction.execute('DELETE FROM room_pins WHERE room_id = ? AND seq = ?', [room, targetSeq]);
  }

  /** Keeps the text that was replaced. */
  private async writeEdition(
    transaction: Transaction,
    room: Buffer,
    { targetSeq, seq, change, before }: OfType<'edited'>,
    now: Date,
  ): Promise<void> {
    await transaction.execute(
      'INSERT INTO message_editions (room_id, seq, changed_seq, body, until) VALUES (?, ?, ?, ?, ?)',
      [room, targetSeq, seq, before ?? '', now],
    );
    await transaction.execute('DELETE FROM message_mentions WHERE room_id = ? AND seq = ?', [room, targetSeq]);
    if (change.mentions === undefined || change.mentions.length === 0) return;
    await transaction.execute('INSERT INTO message_mentions (room_id, user_id, seq) VALUES ?', [
      change.mentions.map((userId) => [room, uuidBytes(userId), targetSeq]),
    ]);
  }

  /** Nothing of what a deleted message said stays: not in earlier changes either, which become deletions themselves. */
  private async scrub(transaction: Transaction, room: Buffer, seq: number): Promise<void> {
    await transaction.execute('UPDATE messages SET body_hash = ? WHERE room_id = ? AND seq = ?', [
      Buffer.from(NO_HASH, 'hex'),
      room,
      seq,
    ]);
    await transaction.execute('UPDATE room_changes SET body = NULL WHERE room_id = ? AND target_seq = ?', [room, seq]);
    for (const table of ['message_editions', 'message_reactions', 'message_mentions', 'room_pins']) {
      await transaction.execute(`DELETE FROM ${table} WHERE room_id = ? AND seq = ?`, [room, seq]);
    }
  }
}
