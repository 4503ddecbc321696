import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/**
 * The least that could be called a chat server: `ws` alone, nobody is asked who he is, nothing is checked, stored or
 * limited. Speaks as much of Engine.IO 4 and Socket.IO as the generator needs. Says where it listens.
 */
const rooms = new Map<string, { seq: number; members: Set<WebSocket> }>();
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });

server.on('connection', (socket) => {
  socket.send('0{"sid":"bare","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}');
  socket.on('message', (data: Buffer) => {
    const text = data.toString();
    if (text.startsWith('40')) return socket.send('40{"sid":"bare"}');
    const open = text.indexOf('[');
    if (!text.startsWith('42') || open < 0) return;
    const number = text.slice(2, open);
    const [event, frame] = JSON.parse(text.slice(open)) as [string, { roomId: string; id: string; text: string }];
    const room = rooms.get(frame.roomId) ?? { seq: 0, members: new Set<WebSocket>() };
    rooms.set(frame.roomId, room);
    if (event === 'room:open') {
      room.members.add(socket);
      return socket.send(`43${number}[{"ok":true,"data":{"head":${room.seq},"truncated":true,"entries":[]}}]`);
    }
    if (event !== 'message:send') return;
    const seq = ++room.seq;
    socket.send(`43${number}[{"ok":true,"data":{"seq":${seq}}}]`);
    const entry = { kind: 'message', seq, ordinal: seq, createdAt: Date.now(), ...frame };
    const told = Buffer.from(`42${JSON.stringify(['room:entries', { roomId: frame.roomId, entries: [entry] }])}`);
    for (const member of room.members) member.send(told, { binary: false });
  });
});
await once(server, 'listening');
process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
