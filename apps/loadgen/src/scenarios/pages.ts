import { Agent, request } from 'node:http';
import type { Topology } from '@maru/stack';
import { uuidBytes } from '@maru/database';
import { createConnection } from 'mysql2/promise';
import { lasts, median, say } from '../load.ts';
import { cpuSeconds } from '../machine.ts';
import { onTopology, targetOf } from '../target.ts';
import { besideBare } from '../bare.ts';
import { Crowd } from '../crowd.ts';
import { type LoadPerson, makePeople } from '../people.ts';
import type { Given } from '../scenario.ts';

const ROOMS = 50;
const PAGE = 50;
const TEXT = 'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore';
const AT_ONCE = 16;

/** The list of 50 rooms with what is unread in them, against a bare Fastify and mysql2 route that runs the same query. */
export const roomList = (given: Given): Promise<void> =>
  against(given, async ({ databaseUrl, env }) => {
    const [person] = await makePeople(databaseUrl, env['JWT_SECRET'] ?? '', ROOMS, 1);
    if (person === undefined) throw new Error('nobody');
    await takeIn(databaseUrl, person.userId);
    return { person, path: `/api/me/rooms?limit=${ROOMS}`, barePath: '/rooms' };
  });

/** The newest 50 messages of a room, against a bare Fastify and mysql2 route that selects them. */
export const history = (given: Given): Promise<void> =>
  against(given, async (topology) => {
    const crowd = await Crowd.make(targetOf(topology), { clients: 10, roomSize: 10 });
    await crowd.connectAll();
    for (let number = 1; number <= PAGE; number++) crowd.clients[0]?.send(number, TEXT);
    while (crowd.clients.some(({ received }) => received < PAGE)) await lasts(20);
    crowd.close();
    const person = crowd.people[0] as LoadPerson;
    return { person, path: `/api/rooms/${person.room}/messages?limit=${PAGE}`, barePath: `/history/${person.room}` };
  });

interface Question {
  person: LoadPerson;
  path: string;
  barePath: string;
}

async function against(
  { seconds = 5, rounds = 3 }: Given,
  prepare: (topology: Topology) => Promise<Question>,
): Promise<void> {
  await onTopology({}, async (topology) => {
    const { url, databaseUrl, nodes } = topology;
    const { person, path, barePath } = await prepare(topology);
    const bareEnv = { DATABASE_URL: databaseUrl, USER_ID: person.userId };
    await besideBare('bare-pages.ts', bareEnv, async (bare) => {
      const targets = {
        maru: { url: url + path, pid: nodes[0]?.pid },
        bare: { url: bare.url + barePath, pid: bare.pid },
      };
      const rates = { maru: [] as number[], bare: [] as number[] };
      for (let round = 0; round <= rounds; round++) {
        for (const [name, target] of Object.entries(targets)) {
          const used = cpuSeconds([target.pid]);
          const answered = await ask(target.url, person.token, seconds);
          if (round === 0) continue;
          rates[name as keyof typeof rates].push(answered / seconds);
          const cpu = ((cpuSeconds([target.pid]) - used) * 1e6) / answered;
          say(
            `round ${round}  ${name}  ${(answered / seconds).toFixed(0)} requests/s, ${cpu.toFixed(0)} us of CPU each`,
          );
        }
      }
      say(`maru / bare, requests per second: ${(median(rates.maru) / median(rates.bare)).toFixed(2)}`);
    });
  });
}

/** Makes the person a member of every room. */
async function takeIn(databaseUrl: string, userId: string): Promise<void> {
  const database = await createConnection({ uri: databaseUrl, timezone: 'Z' });
  const id = uuidBytes(userId);
  await database.query(
    `INSERT IGNORE INTO room_members (room_id, user_id, role, joined_seq, joined_at)
     SELECT id, ?, 'member', 2, NOW(3) FROM rooms`,
    [id],
  );
  await database.query(
    `INSERT IGNORE INTO read_cursors (room_id, user_id, seq, ordinal) SELECT id, ?, 2, 0 FROM rooms`,
    [id],
  );
  await database.query(
    `INSERT INTO room_activity (room_id, head_seq, last_seq, last_at)
     SELECT room_id, last_seq, last_seq, NOW(3) FROM room_heads
     ON DUPLICATE KEY UPDATE head_seq = VALUES(head_seq)`,
  );
  await database.end();
}

async function ask(url: string, token: string, seconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const end = performance.now() + seconds * 1_000;
  let answered = 0;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const asked = request(url, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
        if (response.statusCode !== 200) return reject(new Error(`answered ${response.statusCode}`));
        response.resume();
        response.on('end', resolve);
      });
      asked.on('error', reject);
      asked.end();
    });
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      await one();
      answered++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  agent.destroy();
  return answered;
}
