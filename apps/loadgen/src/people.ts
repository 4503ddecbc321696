import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { RoomId } from '@maru/contract';
import { uuidBytes } from '@maru/database';
import { type Connection, createConnection } from 'mysql2/promise';
import { uuidv7 } from 'uuidv7';

export interface LoadPerson {
  userId: string;
  room: RoomId;
  token: string;
}

const ROWS = 1_000;
const DAY_MS = 86_400_000;
const bodyHash = (body: string): Buffer => createHash('sha256').update(body).digest().subarray(0, 16);

/**
 * People with sessions, and rooms of `roomSize` of them, straight into the tables, as registering and joining would have
 * left them: hashing thousands of passwords is not what is measured. Person i is in room i / roomSize.
 */
export async function makePeople(
  databaseUrl: string,
  jwtSecret: string,
  count: number,
  roomSize: number,
): Promise<LoadPerson[]> {
  const run = randomBytes(3).toString('hex');
  const rooms = Array.from({ length: Math.ceil(count / roomSize) }, () => uuidv7() as RoomId);
  const sign = signer(jwtSecret);
  const people = Array.from({ length: count }, (_, i) => ({
    userId: uuidv7(),
    sessionId: uuidv7(),
    name: `load-${run}-${i}`,
    room: rooms[Math.floor(i / roomSize)] as RoomId,
    place: i % roomSize,
  }));
  const sizeOf = (r: number): number => Math.min(roomSize, count - r * roomSize);
  const now = new Date();
  const database = await createConnection({ uri: databaseUrl, timezone: 'Z', charset: 'utf8mb4_unicode_ci' });
  const system = (person: (typeof people)[number], event: string, seq: number): unknown[] => {
    const body = JSON.stringify({ event, name: person.name });
    return [
      uuidBytes(person.room),
      seq,
      0,
      1,
      uuidBytes(person.userId),
      uuidBytes(uuidv7()),
      body,
      bodyHash(body),
      now,
    ];
  };
  await database.query('START TRANSACTION');
  await insert(
    database,
    'users (id, name, name_key, display_name, password_hash, created_at)',
    people.map(({ userId, name }) => [uuidBytes(userId), name, name, name, 'none', now]),
  );
  await insert(
    database,
    'sessions (id, user_id, token_hash, rotated_at, created_at, expires_at, device)',
    people.map(({ userId, sessionId }) => [
      uuidBytes(sessionId),
      uuidBytes(userId),
      randomBytes(32),
      now,
      now,
      new Date(now.getTime() + DAY_MS),
      'load generator',
    ]),
  );
  await insert(
    database,
    'rooms (id, kind, name, member_count, version, created_by, created_at)',
    rooms.map((id, r) => [
      uuidBytes(id),
      'public',
      `load ${run} ${r}`,
      sizeOf(r),
      1,
      uuidBytes(people[r * roomSize]?.userId ?? ''),
      now,
    ]),
  );
  await insert(
    database,
    'room_heads (room_id, last_seq, last_ordinal, rights_epoch, history_epoch)',
    rooms.map((id, r) => [uuidBytes(id), sizeOf(r) + 1, 0, 1, 1]),
  );
  await insert(
    database,
    'room_members (room_id, user_id, role, joined_seq, joined_at)',
    people.map(({ room, userId, place }) => [
      uuidBytes(room),
      uuidBytes(userId),
      place === 0 ? 'owner' : 'member',
      place + 2,
      now,
    ]),
  );
  await insert(
    database,
    'messages (room_id, seq, ordinal, kind, sender_id, id, body, body_hash, created_at)',
    people.flatMap((person) => [
      ...(person.place === 0 ? [system(person, 'created', 1)] : []),
      system(person, 'joined', person.place + 2),
    ]),
  );
  await database.query('COMMIT');
  await database.end();
  return people.map(({ userId, sessionId, room }) => ({ userId, room, token: sign(userId, sessionId) }));
}

async function insert(database: Connection, into: string, rows: unknown[][]): Promise<void> {
  for (let i = 0; i < rows.length; i += ROWS) {
    await database.query(`INSERT INTO ${into} VALUES ?`, [rows.slice(i, i + ROWS)]);
  }
}

/** Access tokens as the server signs them, good for an hour. */
function signer(jwtSecret: string): (userId: string, sessionId: string) => string {
  const key = createHmac('sha256', jwtSecret).update('access token').digest();
  const kid = createHash('sha256').update(key).digest('hex').slice(0, 8);
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const iat = Math.floor(Date.now() / 1_000);
  return (userId, sessionId) => {
    const head = encode({ alg: 'HS256', typ: 'at+jwt', kid });
    const claims = encode({ sub: userId, sid: sessionId, iss: 'maru', aud: 'maru', iat, exp: iat + 3_600 });
    const signature = createHmac('sha256', key).update(`${head}.${claims}`).digest('base64url');
    return `${head}.${claims}.${signature}`;
  };
}
