import { randomInt } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOME } from './paths.ts';

export interface DemoAccount {
  name: string;
  password: string;
}

const FILE = join(HOME, 'demo.json');
const TAKEN = 409;
const SYLLABLES = ['ba', 'de', 'gi', 'ho', 'ja', 'ke', 'li', 'mo', 'nu', 'pa', 're', 'si', 'to', 'va', 'we', 'yo'];

/** Only for whoever sits at this machine: never in production, never on an address that others reach. */
export const demoAllowed = (host: string): boolean =>
  process.env['NODE_ENV'] !== 'production' && ['127.0.0.1', 'localhost', '::1'].includes(host);

/**
 * Two accounts with random passwords and a room for both, made once by the same REST calls that anyone uses. None where
 * their names are taken: then they were made before, and the file with their passwords is gone.
 */
export async function demoAccounts(url: string): Promise<DemoAccount[]> {
  if (existsSync(FILE)) return JSON.parse(readFileSync(FILE, 'utf8')) as DemoAccount[];
  const accounts = ['hana', 'duri'].map((name) => ({ name, password: password() }));
  const tokens: string[] = [];
  for (const account of accounts) {
    const answer = await post(`${url}/api/auth/register`, account);
    if (answer.status === TAKEN) return [];
    tokens.push((await read<{ accessToken: string }>(answer)).accessToken);
  }
  writeFileSync(FILE, JSON.stringify(accounts, null, 2), { mode: 0o600 });
  const [first, second] = tokens;
  const room = await read<{ id: string }>(await post(`${url}/api/rooms`, { name: '마루 · Maru' }, first));
  await read(await post(`${url}/api/rooms/${room.id}/join`, undefined, second));
  return accounts;
}

const post = (url: string, body: unknown, token?: string): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

async function read<T>(response: Response): Promise<T> {
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

const password = (): string =>
  Array.from({ length: 6 }, () => SYLLABLES[randomInt(SYLLABLES.length)]).join('') +
  String(randomInt(100)).padStart(2, '0');
