import type { UserId } from '@maru/contract';
import type { Database } from '@maru/database';
import Fastify from 'fastify';
import { createPool } from 'mysql2/promise';
import { RoomListRepository } from '../../../server/dist/rooms/room-list.repository.js';

/** The query of the room list and nothing else: no sign-in, no Redis, no framework but Fastify. Says where it listens. */
const pool = createPool({ uri: process.env['DATABASE_URL'] ?? '', timezone: 'Z', connectionLimit: 10 });
const ask = async (sql: string, params: unknown[]): Promise<unknown> => (await pool.query(sql, params))[0];
const list = new RoomListRepository({ fresh: ask } as unknown as Database);
const server = Fastify();
server.get('/', () => list.byActivity(process.env['USER_ID'] as UserId, 50, undefined, undefined));
process.stdout.write(`${await server.listen({ port: 0, host: '127.0.0.1' })}\n`);
