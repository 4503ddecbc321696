import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FactPayload } from '@maru/contract';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { describe, expect, it } from 'vitest';
import { BroadcastFrame } from './broadcast-frame.js';
import { Viewer } from './viewer.js';

const UNLIMITED = { bytes: 10_000_000, packets: 10_000, seconds: 60 };
const payload = (length: number): FactPayload<'error'> => ({
  event: '안녕 👋'.repeat(length),
  error: { code: 'internal', message: 'x' },
});

describe.each(['websocket', 'polling'] as const)('a broadcast frame over %s', (transport) => {
  it('[D5] arrives as what emit() would send, in order with it, at every length', async () => {
    const http = createServer();
    const server = new Server(http, { perMessageDeflate: false });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const client = io(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, { transports: [transport] });
    const received: unknown[] = [];
    client.on('error', (got: unknown) => received.push(got));
    const [socket] = (await once(server, 'connection')) as [ConstructorParameters<typeof Viewer>[0]];
    const viewer = new Viewer(socket, { userId: '' as never, sessionId: '' as never }, UNLIMITED);

    const lengths = [1, 20, 5_000, 1, 0];
    for (const length of lengths) {
      viewer.send(new BroadcastFrame('error', payload(length)));
      socket.emit('error', payload(length));
    }
    socket.emit('done');
    await new Promise((resolve) => client.on('done', resolve));
    expect(received).toEqual(lengths.flatMap((length) => [payload(length), payload(length)]));
    client.close();
    await server.close();
  });
});
