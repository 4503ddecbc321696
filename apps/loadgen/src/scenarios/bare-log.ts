import { hash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { literal } from '@maru/database';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { type WebSocket, WebSocketServer } from 'ws';

/**
 * The server's own way of storing and delivering, and nothing else: what is said goes through one connection in group
 * commits with counter rows, is acknowledged after COMMIT, and written as one frame straight to the sockets. Nobody is
 * asked who he is or whether he may; no limits, rights, resends, events, history, metrics or second node.
 */
interface Sent {
  socket: WebSocket;
  number: string;
  senderId: string;
  frame: { roomId: string; id: string; text: string };
}
interface Head extends RowDataPacket {
  id: string;
  last_seq: number;
  last_ordinal: number;
}

const BATCH = 500;
const MESSAGE = 0;
const database = await createConnection({
  uri: process.env['DATABASE_URL'] ?? '',
  multipleStatements: true,
  charset: 'utf8mb4_unicode_ci',
});
await database.query("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; SET SESSION sql_mode = ''");
const rooms = new Map<string, Set<WebSocket>>();
const waiting: Sent[] = [];
let busy = false;

const uuid = (id: string): string => literal.uuid(id);
const textFrame = (text: string): Buffer => {
  const body = Buffer.from(text);
  const header = body.length < 126 ? Buffer.from([0x81, body.length]) : Buffer.from([0x81, 126, 0, 0]);
  if (body.length >= 126) header.writeUInt16BE(body.length, 2);
  return Buffer.concat([header, body]);
};
/** Past `ws`, which would cork header and payload as two buffers. */
const write = (socket: WebSocket, frame: Buffer): void =>
  void (socket as unknown as { _socket: Socket })._socket.write(frame);

async function headOf(roomId: string): Promise<number> {
  const [[row]] = await database.query<Head[]>(`SELECT last_seq FROM room_heads WHERE room_id = ${uuid(roomId)}`);
  return row?.last_seq ?? 0;
}

async function store(batch: readonly Sent[]): Promise<() => void> {
  const byRoom = Map.groupBy(batch, ({ frame }) => frame.roomId);
  const ids = [...byRoom.keys()].toSorted();
  const added = `CASE room_id ${ids.map((id) => `WHEN ${uuid(id)} THEN ${byRoom.get(id)?.length}`).join(' ')} END`;
  const list = ids.map(uuid).join(', ');
  const [results] = await database.query<RowDataPacket[][]>(
    `START TRANSACTION; UPDATE room_heads SET last_seq = last_seq + ${added}, last_ordinal = last_ordinal + ${added} WHERE room_id IN (${list}); SELECT LOWER(HEX(room_id)) AS id, last_seq, last_ordinal FROM room_heads WHERE room_id IN (${list})`,
  );
  const heads = new Map((results[2] as Head[]).map((head) => [head.id, head]));
  const createdAt = Date.now();
  const placed = [...byRoom].flatMap(([roomId, ofRoom]) => {
    const head = heads.get(roomId.replaceAll('-', '')) as Head;
    return ofRoom.map((sent, i) => {
      const back = ofRoom.length - 1 - i;
      return { ...sent, seq: head.last_seq - back, ordinal: head.last_ordinal - back };
    });
  });
  const rows = placed.map(({ frame: { roomId, id, text }, senderId, seq, ordinal }) => {
    const digest = literal.hex(hash('sha256', text, 'hex').slice(0, 32));
    return `(${uuid(roomId)}, ${seq}, ${ordinal}, ${MESSAGE}, ${uuid(senderId)}, ${uuid(id)}, ${literal.text(text)}, ${digest}, ${literal.time(createdAt)})`;
  });
  await database.query(
    `INSERT INTO messages (room_id, seq, ordinal, kind, sender_id, id, body, body_hash, created_at) VALUES ${rows.join(', ')}; COMMIT`,
  );
  return () => {
    for (const { socket, number, frame, seq, ordinal } of placed) {
      const data = { roomId: frame.roomId, id: frame.id, seq, ordinal, createdAt };
      write(socket, textFrame(`43${number}${JSON.stringify([{ ok: true, data }])}`));
    }
    for (const { frame, senderId, seq, ordinal } of placed) {
      const entry = { kind: 'message', seq, ordinal, createdAt, senderId, ...frame };
      const told = textFrame(`42${JSON.stringify(['room:entries', { roomId: frame.roomId, entries: [entry] }])}`);
      for (const member of rooms.get(frame.roomId) ?? []) write(member, told);
    }
  };
}

function pump(): void {
  if (busy || waiting.length === 0) return;
  busy = true;
  void store(waiting.splice(0, BATCH)).then((tell) => {
    busy = false;
    pump();
    tell();
  });
}

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (socket) => {
  let senderId = '';
  socket.send('0{"sid":"bare","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}');
  socket.on('message', (data: Buffer) => {
    const packet = data.toString();
    if (packet.startsWith('40')) {
      const { token } = JSON.parse(packet.slice(2)) as { token: string };
      senderId = (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sub: string }).sub;
      return socket.send('40{"sid":"bare"}');
    }
    const open = packet.indexOf('[');
    if (!packet.startsWith('42') || open < 0) return;
    const number = packet.slice(2, open);
    const [event, frame] = JSON.parse(packet.slice(open)) as [string, Sent['frame']];
    if (event === 'room:open') {
      const members = rooms.get(frame.roomId) ?? new Set();
      rooms.set(frame.roomId, members.add(socket));
      void headOf(frame.roomId).then((head) =>
        socket.send(`43${number}[{"ok":true,"data":{"head":${head},"truncated":true,"entries":[]}}]`),
      );
    } else if (event === 'message:send') {
      waiting.push({ socket, number, senderId, frame });
      pump();
    }
  });
});
await once(server, 'listening');
process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
