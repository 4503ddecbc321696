import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  ask,
  internal,
  newId,
  next,
  outcome,
  PASSWORD,
  person,
  rawSocket,
  register,
  rest,
  roomOf,
  send,
  startSystem,
  until,
} from '../support/system.js';

const system = await startSystem({ env: { LOG_LEVEL: 'trace' } });
const { url, nodes, engines, folder } = system;
const [node] = nodes;
const { redis, database } = engines;
if (node === undefined || redis === undefined || database === undefined) throw new Error('something is missing');
const nodeLog = (): string => readFileSync(join(folder, 'logs/node-1.log'), 'utf8');

describe('a node', () => {
  it('[O2] answers health and metrics on the internal port only', async () => {
    expect((await internal(node, '/livez')).status).toBe(200);
    expect((await internal(node, '/readyz')).status).toBe(200);
    await rest(url, 'GET', '/api/me');
    const metrics = await (await internal(node, '/metrics')).text();
    for (const name of [
      'maru_commit_duration_seconds_bucket',
      'maru_writer_queue_messages',
      'maru_redis_up{purpose="commands"} 1',
      'nodejs_eventloop_lag',
    ]) {
      expect(metrics).toContain(name);
    }
    for (const path of ['/livez', '/readyz', '/metrics']) expect((await rest(url, 'GET', path)).status).toBe(404);
  });

  it('lets the thread that serves people go before those that collect garbage', () => {
    const tasks = `/proc/${node.pid}/task`;
    const threads = readdirSync(tasks).map((id) => {
      // proc(5): the name in parentheses, then fields from the third on; nice is the 19th
      const [, name, fields = ''] = /\((.*)\) (.*)/.exec(readFileSync(`${tasks}/${id}/stat`, 'utf8')) ?? [];
      return { name, nice: Number(fields.split(' ')[19 - 3]) };
    });
    const niceOf = (wanted: string): Set<number> =>
      new Set(threads.flatMap(({ name, nice }) => (name === wanted ? [nice] : [])));
    const [own = 0] = niceOf('MainThread');
    expect([...niceOf('V8Worker')]).toEqual([Math.max(own, 10)]);
    expect(own).toBeLessThan(10);
  });

  it('[C3] serves its documents, Swagger UI, and the page with its policy', async () => {
    const openApi = (await (await fetch(`${url}/openapi.json`)).json()) as { openapi: string };
    const asyncApi = (await (await fetch(`${url}/asyncapi.json`)).json()) as { asyncapi: string };
    expect([openApi.openapi, asyncApi.asyncapi]).toEqual(['3.1.0', '3.0.0']);
    expect(await (await fetch(`${url}/docs`)).text()).toContain('swagger');
    const page = await fetch(url);
    expect(await page.text()).toContain('<title>Maru</title>');
    expect(page.headers.get('content-security-policy')).toMatch(/script-src 'self' 'sha256-[^;]*; /);
    expect(page.headers.get('cache-control')).toBe('no-cache');
  });

  it('[L2] goes on without Redis: sends, history, log-ins, with limits of its own', async () => {
    const ann = await person(url);
    const room = await roomOf(ann);
    const socket = await rawSocket(url, await ann.session.accessToken());
    redis.signal('SIGKILL');
    await redis.gone();
    for (let i = 0; i < 20; i++) expect(outcome(await send(socket, room.id))).toBe('ok');
    const { person: bob } = await register(url);
    const login = await rest(url, 'POST', '/api/auth/login', { body: { name: bob.name, password: PASSWORD } });
    expect(login.status).toBe(200);
    expect((await ann.call('history', { params: { roomId: room.id }, query: {} })).head).toBe(22);
    expect(outcome(await ask(socket, 'rooms:watch', {}))).toBe('ok');
    expect((await internal(node, '/readyz')).status).toBe(200);
    await redis.start();
    await until(async () =>
      expect(await (await internal(node, '/metrics')).text()).toContain('maru_redis_up{purpose="commands"} 1'),
    );
    expect(outcome(await send(socket, room.id))).toBe('ok');
  });

  it('[O3] SIGTERM acknowledges what it took, closes the sockets and ends; everything is there afterwards', async () => {
    const ann = await person(url);
    const room = await roomOf(ann);
    const socket = await rawSocket(url, await ann.session.accessToken());
    const closed = next(socket, 'disconnect');
    const answers: Awaited<ReturnType<typeof send>>[] = [];
    for (let i = 0; i < 50; i++) void send(socket, room.id).then((answer) => answers.push(answer));
    await until(() => expect(answers.length).toBeGreaterThan(0));
    node.signal('SIGTERM');
    await closed;
    await node.gone();
    expect(nodeLog()).toContain('"msg":"stopped"');
    await node.start();
    await until(() => expect(ann.connection.online).toBe(true));
    const { head } = await ann.call('history', { params: { roomId: room.id }, query: {} });
    const acked = answers.flatMap((answer) => (answer.ok ? [answer.data.seq] : []));
    expect(Math.max(...acked)).toBeLessThanOrEqual(head);
  });

  it('[O4] waits for a database that is away and says so, starts without Redis, and serves when they come', async () => {
    node.signal('SIGKILL');
    await node.gone();
    await Promise.all([database.stop(), redis.stop()]);
    const starting = node.start();
    await until(() => expect(nodeLog()).toContain('waiting for the database at 127.0.0.1'));
    expect((await internal(node, '/readyz')).status).toBe(503);
    expect((await internal(node, '/livez')).status).toBe(200);
    await database.start();
    await starting;
    const session = await register(url);
    expect((await rest(url, 'GET', '/api/me', { token: session.accessToken })).status).toBe(200);
    await redis.start();
  });

  it('[O5] logs JSON lines without texts, tokens or passwords', async () => {
    const secret = `secret-${newId()}`;
    const ann = await person(url);
    const room = await roomOf(ann);
    const token = await ann.session.accessToken();
    await ann.call('sendMessage', { params: { roomId: room.id }, body: { id: newId(), text: secret } });
    await rest(url, 'POST', '/api/auth/login', { body: { name: 'x', password: secret } });
    await rest(url, 'GET', `/api/me?token=${secret}`, { token });
    await until(() => expect(nodeLog().match(/"msg":"request"/g)?.length).toBeGreaterThan(3));
    const log = nodeLog();
    for (const hidden of [secret, token, PASSWORD, ann.session.refreshToken ?? secret])
      expect(log).not.toContain(hidden);
    for (const line of log.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('level');
    expect(log).not.toContain('an error that nobody caught');
  });
});
