import { createLogger } from '@maru/observability';
import { createServer, type Socket } from 'node:net';
import { connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Database } from './database.js';
import { assertDurability } from './durability.js';

const url = process.env['TEST_DATABASE_URL'] as string;
const replicaUrl = process.env['TEST_REPLICA_URL'] as string;
const logger = createLogger({ level: 'silent', node: 'test' });
let database: Database;

beforeAll(async () => {
  database = await Database.connect({ url, replicaUrls: [replicaUrl], poolSize: 3 }, logger);
});
afterAll(() => database.close());

const serverOf = (rows: { id: number }[]): number | undefined => rows[0]?.id;
const WHO = 'SELECT @@server_id AS id';

describe('the database', () => {
  it('[M11] reads from the replica, and from the primary what must be fresh', async () => {
    expect(serverOf(await database.fresh<{ id: number }>(WHO))).toBe(Number(new URL(url).port));
    expect(serverOf(await database.read<{ id: number }>(WHO))).toBe(Number(new URL(replicaUrl).port));
  });

  it.each([
    ['password', { password: 'wrong' }, /Access denied for user/],
    ['database', { pathname: '/nowhere' }, /Access denied for user|Unknown database/],
  ])('[O1] names the setting where the server refuses its %s', async (_, change, reason) => {
    const wrong = Object.assign(new URL(url), change);
    const connected = Database.connect({ url: wrong.href, replicaUrls: [], poolSize: 1 }, logger);
    await expect(connected).rejects.toThrow(reason);
    await expect(connected).rejects.toThrow(/^The database at \S+ refuses what DATABASE_URL says: [^\n]+$/);
  });

  it('[O7] a transaction that falls silent is ended by the server, so that no row stays locked; idle connections are not', async () => {
    const database = await Database.connect({ url, replicaUrls: [], poolSize: 1 }, logger);
    onTestFinished(() => database.close());
    const silence = 'SELECT @@SESSION.wait_timeout AS seconds';
    const [usual] = await database.fresh<{ seconds: number }>(silence);
    const inside = await database.write((transaction) => transaction.select<{ seconds: number }>(silence));
    expect(inside[0]?.seconds).toBeLessThanOrEqual(5);
    await database
      .write(() => {
        throw new Error('rolled back');
      })
      .catch(() => {});
    expect(await database.fresh(silence)).toEqual([usual]);
  });

  it('[O4] recovers by itself after refused connections, both roles', async () => {
    const through = await proxy(url);
    const alone = await Database.connect({ url: through.url, replicaUrls: [], poolSize: 3 }, logger);
    const routed = await Database.connect({ url: through.url, replicaUrls: [through.url], poolSize: 3 }, logger);
    onTestFinished(async () => {
      await through.open();
      await alone.close();
      await routed.close();
      through.close();
    });
    await through.shut();
    for (const store of [alone, routed]) {
      for (let i = 0; i < 8; i++) {
        await expect(store.fresh(WHO)).rejects.toMatchObject({ code: 'unavailable' });
        await expect(store.read(WHO)).rejects.toMatchObject({ code: 'unavailable' });
      }
    }
    await through.open();
    for (const store of [alone, routed]) {
      await vi.waitFor(() => store.fresh(WHO), 10_000);
      await vi.waitFor(() => store.read(WHO), 10_000);
      await vi.waitFor(() => store.write((transaction) => transaction.select(WHO)), 10_000);
    }
  });

  it('[M2] rolls back what did not reach its end', async () => {
    const bucket = Buffer.alloc(32, 7);
    const insert = 'INSERT INTO attempts (bucket, window_start, expires_at, attempts) VALUES (?, 1, NOW(3), 1)';
    await expect(
      database.write(async (transaction) => {
        await transaction.execute(insert, [bucket]);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect(await database.fresh('SELECT 1 FROM attempts WHERE bucket = ?', [bucket])).toEqual([]);
  });

  it('[O6] is refused when it may lose acknowledged messages, unless that is asked for', async () => {
    await expect(assertDurability(database, false, logger)).resolves.toBeUndefined();
    const weak = { fresh: async () => [{ flush_log: 2, binary_log: 1, sync_log: 0 }] } as unknown as Database;
    await expect(assertDurability(weak, false, logger)).rejects.toThrow(
      'innodb_flush_log_at_trx_commit=2, sync_binlog=0 with the binary log on',
    );
    await expect(assertDurability(weak, true, logger)).resolves.toBeUndefined();
  });
});

/** A door in front of a server that can be shut: connections are cut, new ones refused. */
async function proxy(target: string) {
  const { port, username, password, pathname } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((inbound) => {
    const outbound = connect(Number(port), '127.0.0.1');
    for (const [from, to] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => sockets.delete(from));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  const shut = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    sockets.forEach((socket) => socket.destroy());
    await closed;
  };
  const open = async (): Promise<void> => {
    if (server.listening) return;
    server.listen(own, '127.0.0.1');
    await once(server, 'listening');
  };
  return {
    url: `mysql://${username}:${password}@127.0.0.1:${own}${pathname}`,
    shut,
    open,
    close: () => server.close(),
  };
}
