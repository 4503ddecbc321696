import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { envExample } from './env-example.js';
import { loadConfig } from './load.js';

const minimal = {
  DATABASE_URL: 'mysql://maru:secret@127.0.0.1:3306/maru',
  REDIS_URL: 'redis://127.0.0.1:6379',
  JWT_SECRET: 'Zm9ydHktZWlnaHQgcmFuZG9tIGJ5dGVz_0123456789',
};

describe('configuration', () => {
  it('[O1] describes every variable in .env.example', () => {
    expect(readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8')).toBe(envExample());
  });

  it('[O1] needs only the engines and a secret', () => {
    expect(loadConfig(minimal)).toMatchObject({
      PORT: 3000,
      HOST: '127.0.0.1',
      DATABASE_REPLICA_URLS: [],
      production: false,
    });
  });

  it.each([
    [{ DATABASE_URL: undefined }, 'DATABASE_URL is missing.'],
    [{ DATABASE_URL: 'postgres://x/y' }, 'DATABASE_URL: must start with mysql:// or mariadb://.'],
    [{ REDIS_URL: 'here' }, 'REDIS_URL: each must start with redis:// or rediss://.'],
    [{ REDIS_URL: 'redis://a:6379,b:6379' }, 'REDIS_URL: each must start with redis:// or rediss://.'],
    [{ REDIS_URL: ',' }, 'REDIS_URL: must start with redis:// or rediss://.'],
    [{ EVENTS: 'rabbit' }, 'EVENTS: Invalid option'],
    [{ EVENTS: 'kafka' }, 'KAFKA_BROKERS is missing.'],
    [{ EVENTS: 'kafka', KAFKA_BROKERS: ',' }, 'KAFKA_BROKERS is missing.'],
    [{ KAFKA_BROKERS: 'kafka-1:9092,kafka-2' }, 'KAFKA_BROKERS: each must be host:port.'],
    [{ KAFKA_BROKERS: 'kafka-1:90920' }, 'KAFKA_BROKERS: each must be host:port.'],
    [{ EVENTS_KEPT_HOURS: '0' }, 'EVENTS_KEPT_HOURS: Too small'],
    [{ PORT: '70000' }, 'PORT: Too big'],
    [{ LIMIT_SEND_BURST: '0' }, 'LIMIT_SEND_BURST: Too small'],
    [{ PUBLIC_ORIGINS: 'https://a.example/path' }, 'PUBLIC_ORIGINS: each must be an origin'],
    [{ DATABASE_ALLOW_WEAK_DURABILITY: 'yes' }, 'DATABASE_ALLOW_WEAK_DURABILITY: Invalid option'],
    [{ TRUSTED_PROXIES: 'lb.local' }, 'TRUSTED_PROXIES: each must be an address or a network'],
    [{ TRUSTED_PROXIES: '10.0.0.0/33' }, 'TRUSTED_PROXIES: each must be an address or a network'],
    [{ NODE_NAME: 'a b' }, 'NODE_NAME: letters, digits and -'],
    [{ JWT_SECRET: 'short' }, 'JWT_SECRET: Too small'],
    [{ JWT_SECRET: undefined }, 'JWT_SECRET is missing. Make one: openssl rand -base64 48'],
    [{ JWT_SECRET: undefined, JWT_SECRET_FILE: '/nowhere' }, 'JWT_SECRET_FILE: cannot read /nowhere.'],
    [{ JWT_SECRET: 'a'.repeat(40), NODE_ENV: 'production' }, 'JWT_SECRET is too simple for production'],
  ])('[O1] stops at %o with one line that names it', (change, message) => {
    const load = (): unknown => loadConfig({ ...minimal, ...change });
    expect(load).toThrow(message);
    expect(load).toThrow(/^[^\n]+$/);
  });

  it('[O1] stops on an older Node and says which to use', () => {
    expect(() => loadConfig(minimal, '20.20.2')).toThrow(/^Node 24 is needed, and this is 20\.20\.2: use .*$/);
  });

  it('[O1] takes addresses, networks and named ranges as proxies', () => {
    const TRUSTED_PROXIES = '10.0.0.1, 172.16.0.0/12, fd00::/8, ::1, loopback';
    expect(loadConfig({ ...minimal, TRUSTED_PROXIES }).TRUSTED_PROXIES).toHaveLength(5);
  });

  it('[O1] reads the secret from a file', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'maru-')), 'secret');
    writeFileSync(path, `${minimal.JWT_SECRET}\n`);
    expect(loadConfig({ ...minimal, JWT_SECRET: undefined, JWT_SECRET_FILE: path }).JWT_SECRET).toBe(
      minimal.JWT_SECRET,
    );
  });
});
