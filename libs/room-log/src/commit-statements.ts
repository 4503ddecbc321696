import type { RoomId } from '@maru/contract';
import { literal, uuidText } from '@maru/database';
import { KIND } from './entry-rows.js';
import { HEAD, type HeadRow, toHead } from './log.repository.js';
import type { Head } from './log-types.js';
import type { Job } from './writer-queue.js';

export interface RoomCount {
  roomId: RoomId;
  epoch: number;
  count: number;
}

/**
 * First packet of a group commit: takes the row locks in id order (so that batches of several nodes never wait for
 * each other in a circle), counts in only the rooms whose rights are still those that were checked, and reads back
 * where that leads.
 */
export function countStatement(rooms: readonly RoomCount[]): string {
  const sorted = rooms.toSorted((a, b) => (a.roomId < b.roomId ? -1 : 1));
  const counted = sorted
    .map(
      ({ roomId, epoch, count }) => `WHEN room_id = ${literal.uuid(roomId)} AND rights_epoch = ${epoch} THEN ${count}`,
    )
    .join(' ');
  const ids = sorted.map(({ roomId }) => literal.uuid(roomId)).join(', ');
  const added = `CASE ${counted} ELSE 0 END`;
  return [
    'START TRANSACTION',
    `UPDATE room_heads SET last_seq = last_seq + ${added}, last_ordinal = last_ordinal + ${added} WHERE room_id IN (${ids})`,
    `SELECT ${HEAD} FROM room_heads WHERE room_id IN (${ids})`,
  ].join('; ');
}

/** All bits: one more is out of range, which is an error on either server and in any sql_mode. */
const MOST = '18446744073709551615';

/**
 * First part of a group commit in one packet, for rooms whose heads are believed to be known: counts in, and fails with
 * `isElsewhere` unless each room is where it is believed to be, under the rights that were checked.
 */
export function advanceStatement(rooms: readonly RoomCount[], heads: ReadonlyMap<RoomId, Head>): string {
  const sorted = rooms
    .toSorted((a, b) => (a.roomId < b.roomId ? -1 : 1))
    .map((room) => ({ ...room, id: literal.uuid(room.roomId), head: heads.get(room.roomId) }));
  const added = `CASE room_id ${sorted.map(({ id, count }) => `WHEN ${id} THEN ${count}`).join(' ')} END`;
  const believed = sorted.map(
    ({ id, epoch, head }) =>
      `(room_id = ${id} AND last_seq = ${head?.seq} AND last_ordinal = ${head?.ordinal} AND rights_epoch = ${epoch})`,
  );
  return [
    'START TRANSACTION',
    `UPDATE room_heads SET last_seq = last_seq + ${added}, last_ordinal = last_ordinal + ${added} WHERE ${believed.join(' OR ')}`,
    `SELECT ${MOST} + (ROW_COUNT() <> ${rooms.length})`,
  ].join('; ');
}

/** Nothing was stored, and the transaction is still open. */
export const isElsewhere = (error: unknown): boolean => (error as { code?: string }).code === 'ER_DATA_OUT_OF_RANGE';

/** The answer to countStatement: where each room's log now ends. */
export function countedHeads(results: readonly unknown[]): Map<RoomId, Head> {
  const heads = (results[2] as HeadRow[]).map(toHead);
  return new Map(heads.map((head) => [head.roomId, head]));
}

/** Tells which of these rooms' rows nobody holds. */
export const freeRoomsStatement = (rooms: readonly RoomId[]): string =>
  [
    'START TRANSACTION',
    `SELECT room_id FROM room_heads WHERE room_id IN (${rooms.map(literal.uuid).join(', ')}) FOR UPDATE SKIP LOCKED`,
    'ROLLBACK',
  ].join('; ');

/** The answer to freeRoomsStatement. */
export const freeRooms = (results: readonly unknown[]): Set<RoomId> =>
  new Set((results[1] as Pick<HeadRow, 'room_id'>[]).map((row) => uuidText<RoomId>(row.room_id)));

/** A message with its place in the room's log. */
export interface Placed {
  job: Job;
  seq: number;
  ordinal: number;
}

/** Last part: one multi-row INSERT for the messages, one for who is mentioned in them, and the COMMIT. */
export function insertStatement(messages: readonly Placed[], createdAt: number): string {
  const time = literal.time(createdAt);
  const rows = messages.map(({ job: { message, hash }, seq, ordinal }) => {
    const { roomId, senderId, id, text, replyTo, mentions } = message;
    const mentioned = mentions.length === 0 ? 'NULL' : `x'${mentions.map(literal.digits).join('')}'`;
    return `(${literal.uuid(roomId)}, ${seq}, ${ordinal}, ${KIND.message}, ${literal.uuid(senderId)}, ${literal.uuid(id)}, ${literal.text(text)}, ${literal.hex(hash)}, ${time}, ${replyTo ?? 'NULL'}, ${mentioned})`;
  });
  const mentions = messages.flatMap(({ job: { message }, seq }) =>
    message.mentions.map((userId) => `(${literal.uuid(message.roomId)}, ${literal.uuid(userId)}, ${seq})`),
  );
  return [
    `INSERT INTO messages (room_id, seq, ordinal, kind, sender_id, id, body, body_hash, created_at, reply_to, mentions) VALUES ${rows.join(', ')}`,
    ...(mentions.length === 0
      ? []
      : [`INSERT INTO message_mentions (room_id, user_id, seq) VALUES ${mentions.join(', ')}`]),
    'COMMIT',
  ].join('; ');
}
