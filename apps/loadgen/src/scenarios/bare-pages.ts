import type { RoomId, UserId } from '@maru/contract';
import { type Database, uuidBytes } from '@maru/database';
import Fastify from 'fastify';
import { createPool, type RowDataPacket } from 'mysql2/promise';
import { RoomListRepository } from '../../../server/dist/rooms/room-list.repository.js';

/** The queries of two pages and nothing else: no sign-in, no Redis, no framework but Fastify. Says where it listens. */
const pool = createPool({ uri: process.env['DATABASE_URL'] ?? '', timezone: 'Z', connectionLimit: 10 });
const ask = async (sql: string, params: unknown[]): Promise<unknown> => (await pool.query(sql, params))[0];
const list = new RoomListRepository({ fresh: ask } as unknown as Database);
const HISTORY = `SELECT seq, ordinal, HEX(id) AS id, HEX(sender_id) AS senderId, body, created_at AS createdAt
  FROM messages WHERE room_id = ? ORDER BY seq DESC LIMIT 50`;

const server = Fastify();
server.get('/rooms', () => list.byActivity(process.env['USER_ID'] as UserId, 50, undefined, undefined));
server.get<{ Params: { room: RoomId } }>('/history/:room', async ({ params: { room } }) => {
  const [rows] = await pool.query<RowDataPacket[]>(HISTORY, [uuidBytes(room)]);
  return { roomId: room, entries: rows.toReversed() };
});
process.stdout.write(`${await server.listen({ port: 0, host: '127.0.0.1' })}\n`);
