import { mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Entry } from '@maru/contract';
import { PROTOCOL_VERSION } from '@maru/contract';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ask, metric, outcome, person, rawSocket, roomOf, send, startSystem, until } from '../support/system.js';

const LIMITS = {
  bytes: { LIMIT_OUTBOUND_BYTES_PER_SOCKET: '200000' },
  seconds: { LIMIT_OUTBOUND_BYTES_PER_SOCKET: '1000000000', LIMIT_OUTBOUND_SECONDS_PER_SOCKET: '1' },
};

describe.each(['bytes', 'seconds'] as const)('a socket that leaves too many %s unread', (limit) => {
  it('[D4] is told why and cut, and everybody else gets everything', async () => {
    const { url, nodes, stop } = await startSystem({
      folder: mkdtempSync(join(tmpdir(), 'maru-slow-')),
      env: LIMITS[limit],
    });
    onTestFinished(stop);
    const ann = await person(url);
    const room = await roomOf(ann);
    const token = await ann.session.accessToken();
    const [writer, reader] = [await rawSocket(url, token), await rawSocket(url, token)];
    const seqs: number[] = [];
    reader.on('room:entries', ({ entries }: { entries: Entry[] }) => seqs.push(...entries.map(({ seq }) => seq)));
    for (const socket of [writer, reader]) await ask(socket, 'room:open', { roomId: room.id, after: null });

    const deaf = await deafSocket(Number(new URL(url).port), token, room.id);
    let sent = 2;
    while ((await metric(nodes[0], 'maru_slow_consumers_cut_total')) === 0) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => send(writer, room.id, 'x'.repeat(4_000))));
      expect(answers.map(outcome)).not.toContain('unknown');
      sent += answers.filter((answer) => answer.ok).length;
    }
    deaf.socket.resume();
    await until(() => expect(deaf.read()).toContain('"code":"slow-consumer"'));
    await until(() => expect(deaf.socket.closed).toBe(true));
    await until(() => expect(seqs.at(-1)).toBe(sent));
    expect(seqs).toEqual(Array.from({ length: sent - 2 }, (_, i) => i + 3));
  });
});

describe('a polling socket that does not poll', () => {
  it('[D4] is cut at so many packets', async () => {
    const { url, nodes, stop } = await startSystem({
      folder: mkdtempSync(join(tmpdir(), 'maru-slow-')),
      env: { LIMIT_OUTBOUND_PACKETS_PER_SOCKET: '50' },
    });
    onTestFinished(stop);
    const ann = await person(url);
    const room = await roomOf(ann);
    const token = await ann.session.accessToken();
    const polling = `${url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(polling)).text()).slice(1)) as { sid: string };
    const post = (body: string): Promise<Response> => fetch(`${polling}&sid=${sid}`, { method: 'POST', body });
    await post(`40${JSON.stringify({ token, protocol: PROTOCOL_VERSION })}`);
    expect(await (await fetch(`${polling}&sid=${sid}`)).text()).toContain('40{');
    // answers that nobody fetches count as much as what others say
    let sent = 0;
    await until(async () => {
      for (let i = 0; i < 20; i++) await post(`42${++sent}${JSON.stringify(['history:read', { roomId: room.id }])}`);
      expect(await metric(nodes[0], 'maru_slow_consumers_cut_total')).toBe(1);
    });
    expect(sent).toBeGreaterThan(50);
    await until(async () => expect((await post('3')).status).toBe(400));
  });
});

/** Speaks just enough WebSocket and Socket.IO by hand to open a room, and then stops reading. */
async function deafSocket(
  port: number,
  token: string,
  roomId: string,
): Promise<{ socket: ReturnType<typeof connect>; read: () => string }> {
  const socket = connect(port, '127.0.0.1');
  let read = '';
  socket.on('data', (part) => (read += part.toString('latin1')));
  socket.on('error', () => {});
  const heard = (text: string): Promise<void> => until(() => expect(read).toContain(text));
  const say = (text: string): void => {
    const data = Buffer.from(text);
    const header =
      data.length < 126 ? [0x81, 0x80 | data.length] : [0x81, 0x80 | 126, data.length >> 8, data.length & 255];
    socket.write(Buffer.concat([Buffer.from(header), Buffer.alloc(4), data]));
  };
  socket.write(
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\n` +
      'Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  await heard('"sid"');
  say(`40${JSON.stringify({ token, protocol: PROTOCOL_VERSION })}`);
  await heard('40{');
  say(`420${JSON.stringify(['room:open', { roomId, after: null }])}`);
  await heard('"ok":true');
  socket.pause();
  return { socket, read: () => read };
}
