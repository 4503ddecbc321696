import { createHmac } from 'node:crypto';
import type { Session } from '@maru/contract';
import { createConnection } from 'mysql2/promise';
import { io } from 'socket.io-client';
import { describe, expect, it } from 'vitest';
import { newName, next, PASSWORD, rawSocket, register, rest, startSystem } from '../support/system.js';

const { url, databaseUrl, env } = await startSystem({ env: { LIMIT_LOGIN_PER_ACCOUNT: '5' } });

const login = (name: string, password: string) =>
  rest<Session & { error?: { code: string; retryAfterMs?: number } }>(url, 'POST', '/api/auth/login', {
    body: { name, password },
  });

describe('accounts', () => {
  it('[A1] one name is one account, whatever its case and form', async () => {
    const name = newName();
    await register(url, `${name}É`);
    for (const same of [`${name}É`, `${name.toUpperCase()}é`, `${name}é`]) {
      const { status, body } = await rest(url, 'POST', '/api/auth/register', {
        body: { name: same, password: PASSWORD },
      });
      expect([status, body.error.code]).toEqual([409, 'name-taken']);
    }
  });

  it('[A1] stores argon2id and refuses short and common passwords', async () => {
    const { person } = await register(url);
    const connection = await createConnection(databaseUrl);
    const [rows] = await connection.query('SELECT password_hash FROM users WHERE name = ?', [person.name]);
    await connection.end();
    expect((rows as { password_hash: string }[])[0]?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    for (const password of ['short', 'Password123', 'aaaaaaaaaaaa']) {
      const { status } = await rest(url, 'POST', '/api/auth/register', { body: { name: newName(), password } });
      expect(status).toBe(400);
    }
  });

  it('[A2] answers alike for a wrong password and an unknown name', async () => {
    const { person } = await register(url);
    const [wrong, unknown] = [await login(person.name, 'wrong password'), await login(newName(), 'wrong password')];
    expect(wrong.status).toBe(401);
    expect({ ...wrong.body.error, requestId: '' }).toEqual({ ...unknown.body.error, requestId: '' });
    expect(unknown.status).toBe(401);
    expect((await login(person.name.toUpperCase(), PASSWORD)).status).toBe(200);
  });

  it('[A3] gives a lost answer again, and ends the session on later reuse', async () => {
    const refresh = (refreshToken: string | undefined) =>
      rest<Session>(url, 'POST', '/api/auth/refresh', { body: { refreshToken } });
    const first = await register(url);
    const second = await refresh(first.refreshToken);
    const again = await refresh(first.refreshToken);
    expect(again.status).toBe(200);
    expect(again.body.refreshToken).toBe(second.body.refreshToken);
    const third = await refresh(second.body.refreshToken);
    expect(third.status).toBe(200);
    expect((await refresh(first.refreshToken)).status).toBe(401);
    expect((await refresh(third.body.refreshToken)).status).toBe(401);
    expect((await rest(url, 'GET', '/api/me', { token: third.body.accessToken })).status).toBe(401);
  });

  it('[A4] logging out closes the sockets of the session and refuses its tokens, and no other', async () => {
    const { person, ...here } = await register(url);
    const there = (await login(person.name, PASSWORD)).body;
    const [mine, other] = [await rawSocket(url, here.accessToken), await rawSocket(url, there.accessToken)];
    const closed = next(mine, 'disconnect');
    expect((await rest(url, 'POST', '/api/auth/logout', { token: here.accessToken })).status).toBe(204);
    await closed;
    expect(other.connected).toBe(true);
    expect((await rest(url, 'GET', '/api/me', { token: here.accessToken })).status).toBe(401);
    expect((await rest(url, 'GET', '/api/me', { token: there.accessToken })).status).toBe(200);
    const refused = await rest(url, 'POST', '/api/auth/refresh', { body: { refreshToken: here.refreshToken } });
    expect(refused.status).toBe(401);
    await expect(rawSocket(url, here.accessToken)).rejects.toMatchObject({ data: { code: 'unauthenticated' } });
  });

  it('[A5] refuses forged, foreign and expired tokens over REST and in the handshake', async () => {
    const { accessToken } = await register(url);
    const [header = '', payload = '', signature = ''] = accessToken.split('.');
    const decode = (part: string): Record<string, unknown> =>
      JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
    const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
    const key = createHmac('sha256', env['JWT_SECRET'] as string)
      .update('access token')
      .digest();
    const signed = (head: object, claims: object, secret: Buffer = key): string => {
      const content = `${encode(head)}.${encode(claims)}`;
      return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
    };
    const [head, claims] = [decode(header), decode(payload)];
    expect((await rest(url, 'GET', '/api/me', { token: signed(head, claims) })).status).toBe(200);
    const forged = {
      changed: `${header}.${encode({ ...claims, sub: '019a2b3c-4d5e-7f00-8a00-0123456789ab' })}.${signature}`,
      'other key': signed(head, claims, Buffer.from('another')),
      'no algorithm': `${encode({ ...head, alg: 'none' })}.${payload}.`,
      'other type': signed({ ...head, typ: 'JWT' }, claims),
      'other key id': signed({ ...head, kid: 'x' }, claims),
      'other issuer': signed(head, { ...claims, iss: 'x' }),
      'other audience': signed(head, { ...claims, aud: 'x' }),
      expired: signed(head, { ...claims, exp: 1_700_000_000 }),
      'without end': signed(head, { ...claims, exp: undefined }),
      'unknown session': signed(head, { ...claims, sid: '019a2b3c-4d5e-7f00-8a00-0123456789ab' }),
      garbage: 'garbage',
    };
    for (const [name, token] of Object.entries(forged)) {
      expect((await rest(url, 'GET', '/api/me', { token })).status, name).toBe(401);
      await expect(rawSocket(url, token), name).rejects.toMatchObject({ data: { code: 'unauthenticated' } });
    }
  });

  it.each(['websocket', 'polling'] as const)('[A6] refuses pages of other origins over %s', async (transport) => {
    const { accessToken } = await register(url);
    const options = { transports: [transport] };
    for (const origin of ['http://evil.example', 'null', `${url}.evil.example`]) {
      const socket = rawSocket(url, accessToken, { ...options, extraHeaders: { origin } });
      await expect(socket, origin).rejects.toThrow();
    }
    expect((await rawSocket(url, accessToken, { ...options, extraHeaders: { origin: url } })).connected).toBe(true);
    expect((await rawSocket(url, accessToken, options)).connected).toBe(true);
  });

  it('[A7] keeps a browser’s refresh token in a cookie that scripts and foreign pages cannot use', async () => {
    const body = { name: newName(), password: PASSWORD, refreshTokenIn: 'cookie' };
    const { headers, body: session } = await rest<Session>(url, 'POST', '/api/auth/register', { body });
    const cookie = headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^maru_refresh=[\w-]+; Max-Age=\d+; Path=\/api\/auth; HttpOnly; SameSite=Strict$/);
    expect(session.refreshToken).toBeUndefined();
    const refresh = (origin: string) =>
      rest<Session>(url, 'POST', '/api/auth/refresh', {
        body: {},
        headers: { cookie: cookie.split(';')[0] ?? '', origin },
      });
    expect((await refresh('http://evil.example')).status).toBe(403);
    expect((await refresh(url)).status).toBe(200);
  });

  it('[A8] limits failed log-ins per account, also for the right password, and counts in the database', async () => {
    const { person } = await register(url);
    const statuses: number[] = [];
    for (let i = 0; i < 7; i++) statuses.push((await login(person.name, 'wrong password')).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const { status, headers, body } = await login(person.name, PASSWORD);
    expect([status, body.error?.code]).toEqual([429, 'rate-limited']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('[C1] tells a client of another version to update', async () => {
    const { accessToken } = await register(url);
    const socket = io(url, {
      transports: ['websocket'],
      reconnection: false,
      auth: { token: accessToken, protocol: 999 },
    });
    const [error] = await next<[{ data: { code: string } }]>(socket, 'connect_error');
    socket.close();
    expect(error.data.code).toBe('unsupported-protocol');
  });
});
