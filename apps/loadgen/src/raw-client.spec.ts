import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { RoomId } from '@maru/contract';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { RawClient } from './raw-client.ts';

/** A person who was there until seq 5 comes back, and is answered that. */
async function comeBack(answer: { head: number; truncated: boolean; seqs: number[] }): Promise<RawClient> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => {
    server.close();
  });
  await once(server, 'listening');
  const { head, truncated, seqs } = answer;
  const data = { head, truncated, entries: seqs.map((seq) => ({ kind: 'message', seq })) };
  server.on('connection', (socket) => {
    socket.send('0{}');
    socket.on('message', (packet: Buffer) => {
      const text = packet.toString();
      socket.send(text.startsWith('40') ? '40{}' : `430${JSON.stringify([{ ok: true, data }])}`);
    });
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const person = { userId: 'u', room: 'r' as RoomId, token: 't' };
  const events = { live: resolve, gone: reject, acked: () => {} };
  const client = new RawClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, person, events, 5);
  onTestFinished(() => client.close());
  await promise;
  return client;
}

describe('a client of the load generator that comes back', () => {
  it('[G2] counts what it was told of the time in between', async () => {
    const client = await comeBack({ head: 8, truncated: false, seqs: [6, 7, 8] });
    expect(client).toMatchObject({ received: 3, holes: 0, doubled: 0, seq: 8 });
  });

  it.each([
    ['between', { head: 8, truncated: false, seqs: [6, 8] }, { holes: 1, doubled: 0 }],
    ['at the end', { head: 8, truncated: false, seqs: [6, 7] }, { holes: 1, doubled: 0 }],
    ['because the answer is truncated', { head: 8, truncated: true, seqs: [8] }, { holes: 3, doubled: 0 }],
    ['nowhere, but something came twice', { head: 7, truncated: false, seqs: [5, 6, 7] }, { holes: 0, doubled: 1 }],
  ])('[G2] notices what is missing %s', async (_where, answer, noticed) => {
    expect(await comeBack(answer)).toMatchObject({ ...noticed, seq: answer.head });
  });
});
