import { uuidBytes, uuidText } from '@maru/database';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { Crowd } from './crowd.ts';
import type { Balance, Ledger, Row } from './ledger.ts';
import { say } from './load.ts';

/** Rooms that are read at once. */
const ROOMS = 100;

/** What was wrong, in counts. All but `stored` are zero where nothing was lost, doubled or out of order. */
export interface Audit extends Balance {
  /** Sent and never answered. */
  unanswered: number;
  /** Deliveries that did not come, by seq, over all clients. */
  lost: number;
  outOfOrder: number;
  doubled: number;
  /** Clients that were shown more than the table has. */
  aboveHead: number;
  answeredTwice: number;
  misplaced: number;
  strange: number;
}

/** Holds what was sent, answered and shown against the tables, message by message and client by client. */
export async function audit(crowd: Crowd, ledger: Ledger): Promise<Audit> {
  const database = await createConnection({ uri: crowd.target.databaseUrl });
  const rooms = [...new Set(crowd.people.map(({ room }) => room))];
  const placeOf = new Map<string, number>(rooms.map((room, place) => [room, place]));
  const rows: Row[][] = [];
  const heads = new Map<string, number>();
  for (let first = 0; first < rooms.length; first += ROOMS) {
    const some = rooms.slice(first, first + ROOMS);
    rows.push(await messagesOf(database, some, placeOf));
    for (const [room, head] of await headsOf(database, some)) heads.set(room, head);
  }
  await database.end();
  const behind = crowd.clients.flatMap((client, i) =>
    client.opens ? [(heads.get(crowd.people[i]?.room ?? '') ?? -1) - (client.seq ?? 0)] : [],
  );
  return found(crowd, ledger, rows.flat(), behind);
}

/** The same for a server that stores nothing: what it acknowledged is taken for its table. */
export const auditOfUnstored = (crowd: Crowd, ledger: Ledger): Audit => found(crowd, ledger, ledger.acknowledged(), []);

/** `behind`: how many entries each client that looks at its room was not shown. */
function found(crowd: Crowd, ledger: Ledger, rows: readonly Row[], behind: readonly number[]): Audit {
  const { holes, doubled } = crowd.broken();
  return {
    ...ledger.balance(rows),
    ...ledger.faults,
    unanswered: ledger.sent - ledger.answered,
    lost: holes + behind.reduce((all, missing) => all + Math.max(0, missing), 0),
    outOfOrder: holes,
    doubled,
    aboveHead: behind.filter((missing) => missing < 0).length,
  };
}

/**
 * Waits for what is on its way and says what the audit finds; then everybody leaves. The process fails if anything was
 * lost, doubled, out of order or refused.
 */
export async function conclude(crowd: Crowd, ledger: Ledger): Promise<void> {
  await crowd.settle();
  const result = await audit(crowd, ledger);
  crowd.close();
  const { sent, acked, refused, refusals, delivered } = ledger;
  const refusedText = refused > 0 ? `, refused ${JSON.stringify(refusals)}` : '';
  say(
    `${sent} sent, ${acked} acknowledged${refusedText}, ${result.stored} stored, ${delivered} deliveries: ${wrongText(result)}`,
  );
  if (!isClean(result) || refused > 0) process.exitCode = 1;
}

export const isClean = ({ stored: _stored, ...wrong }: Audit): boolean =>
  Object.values(wrong).every((count) => count === 0);

/** What is not as it must be, to be read. */
export const wrongText = ({ stored: _stored, ...wrong }: Audit): string =>
  Object.entries(wrong)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ') || 'nothing lost, doubled or out of order';

async function messagesOf(
  database: Connection,
  rooms: readonly string[],
  placeOf: ReadonlyMap<string, number>,
): Promise<Row[]> {
  const [rows] = await database.query<(RowDataPacket & { room: Buffer; id: Buffer; seq: number })[]>(
    'SELECT room_id AS room, id, seq FROM messages WHERE kind = 0 AND room_id IN (?)',
    [rooms.map(uuidBytes)],
  );
  return rows.map(({ room, id, seq }) => ({ id: uuidText(id), room: placeOf.get(uuidText(room)) ?? -1, seq }));
}

async function headsOf(database: Connection, rooms: readonly string[]): Promise<[room: string, head: number][]> {
  const [rows] = await database.query<(RowDataPacket & { room: Buffer; head: number })[]>(
    'SELECT room_id AS room, last_seq AS head FROM room_heads WHERE room_id IN (?)',
    [rooms.map(uuidBytes)],
  );
  return rows.map(({ room, head }) => [uuidText(room), head]);
}
