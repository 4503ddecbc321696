import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MaruClient } from '@maru/client';
import { type Ack, type MessageId, PROTOCOL_VERSION, type Room, type RoomId, type Session } from '@maru/contract';
import { type Service, startTopology, type Topology, type TopologyOptions } from '@maru/stack';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { uuidv7 } from 'uuidv7';
import { afterAll, onTestFinished, vi } from 'vitest';

export const PASSWORD = 'correct horse battery';

/** Limits that a test which is not about them does not meet. */
const GENEROUS = {
  LIMIT_REGISTER_PER_IP: '100000',
  LIMIT_LOGIN_PER_IP: '100000',
  LIMIT_CONNECTIONS_PER_IP: '10000',
  LIMIT_CONNECTIONS_PER_USER: '1000',
  LIMIT_HANDSHAKES_PER_SECOND: '10000',
  LIMIT_SEND_PER_SECOND: '10000',
  LIMIT_SEND_BURST: '10000',
  LIMIT_ROOM_CHANGES_PER_MINUTE: '10000',
  LIMIT_READS_PER_SECOND: '10000',
  LIMIT_READS_BURST: '10000',
};

/** The whole system in a folder of its own, stopped and deleted after the tests of the file; in a given one, by `stop`. */
export async function startSystem(options: Partial<TopologyOptions> = {}): Promise<Topology & { folder: string }> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'maru-test-'));
  const topology = await startTopology({
    report: () => {},
    ...options,
    folder,
    env: { ...GENEROUS, ...options.env },
  });
  const end = async (): Promise<void> => {
    await topology.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  if (options.folder === undefined) afterAll(end);
  return { ...topology, folder, stop: end };
}

export const newId = (): MessageId => uuidv7() as MessageId;
let count = 0;
export const newName = (): string => `p${process.pid}x${count++}`;

/** Waits for a condition, not for time. */
export const until = <T>(check: () => T | Promise<T>): Promise<Awaited<T>> =>
  vi.waitFor(check, { timeout: 30_000, interval: 20 }) as Promise<Awaited<T>>;

/** Asks a node on its internal port. */
export const internal = (node: Service | undefined, path: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${node?.spec.env?.['INTERNAL_PORT']}${path}`);

/** What a node counts under this name, labels included; 0 where it does not. */
export async function metric(node: Service | undefined, name: string): Promise<number> {
  const lines = (await (await internal(node, '/metrics')).text()).split('\n');
  return Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length) ?? 0);
}

export interface RestAnswer<T> {
  status: number;
  body: T;
  headers: Headers;
}

export async function rest<T = { error: { code: string; message: string; retryAfterMs?: number } }>(
  url: string,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  options: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<RestAnswer<T>> {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: (text === '' ? undefined : JSON.parse(text)) as T,
    headers: response.headers,
  };
}

export async function register(url: string, name = newName()): Promise<Session> {
  const { body, status } = await rest<Session>(url, 'POST', '/api/auth/register', {
    body: { name, password: PASSWORD },
  });
  if (status !== 201) throw new Error(`register answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** A signed-in client that is connected; closed after the test. */
export async function person(url: string, transports?: ('polling' | 'websocket')[]): Promise<MaruClient> {
  const client = new MaruClient({ url, ...(transports === undefined ? {} : { transports }) });
  await client.session.register(newName(), PASSWORD);
  client.connection.connect();
  onTestFinished(() => client.close());
  await until(() => {
    if (!client.connection.online) throw new Error('not connected');
  });
  return client;
}

export async function roomOf(owner: MaruClient, ...members: MaruClient[]): Promise<Room> {
  const room = await owner.do('room:create', { name: newName() });
  for (const member of members) await member.do('room:join', { roomId: room.id });
  return room;
}

/** A socket without any of the client library's help; closed after the test. */
export async function rawSocket(
  url: string,
  token: string,
  options: Partial<ManagerOptions & SocketOptions> = {},
): Promise<Socket> {
  const socket = io(url, {
    forceNew: true,
    reconnection: false,
    transports: ['websocket'],
    auth: { token, protocol: PROTOCOL_VERSION },
    ...options,
  });
  onTestFinished(() => void socket.close());
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return socket;
}

export const ask = <T = unknown>(socket: Socket, event: string, ...args: unknown[]): Promise<Ack<T>> =>
  new Promise((resolve) => socket.emit(event, ...args, resolve));

/** The arguments of the next event of that name. */
export const next = <T extends unknown[]>(socket: Socket, event: string): Promise<T> =>
  new Promise((resolve) => socket.once(event, (...args: T) => resolve(args)));

/** The refusal code of an acknowledgement, or `ok`. */
export const outcome = (answer: Ack<unknown>): string => (answer.ok ? 'ok' : answer.error.code);

export const send = (
  socket: Socket,
  roomId: RoomId,
  text = 'hello',
  id = newId(),
): ReturnType<typeof ask<{ seq: number }>> => ask(socket, 'message:send', { roomId, id, text });
