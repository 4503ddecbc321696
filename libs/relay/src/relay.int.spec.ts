import { once } from 'node:events';
import { createServer, connect, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Entry, MessageId, RoomId, UserId } from '@maru/contract';
import { createLogger } from '@maru/observability';
import { connectRedis, NodeLeases } from '@maru/redis';
import { uuidv7 } from 'uuidv7';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { encodeFrame } from './frame.js';
import { GrpcLink } from './grpc-link.js';
import { FRAME_MAX, type Link } from './link.js';
import { NodeDirectory } from './node-directory.js';
import { RedisLink } from './redis-link.js';
import { Relay, type Signal } from './relay.js';

const logger = createLogger({ level: 'silent', node: 'test' });
const redisUrl = process.env['TEST_REDIS_URL'] as string;
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 10 });
const room = (): RoomId => uuidv7() as RoomId;
const message = (roomId: RoomId, seq: number): Entry => ({
  kind: 'message',
  roomId,
  seq,
  ordinal: seq,
  createdAt: 1,
  id: uuidv7() as MessageId,
  senderId: uuidv7() as UserId,
  text: `안녕 ${seq}`,
});

/** A TCP edge that can be turned into a black hole: connections stay open and nothing passes. */
async function edge(target: string): Promise<{ url: string; block: (blocked: boolean) => void }> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<[Socket, Socket]>();
  let blocked = false;
  const apply = ([a, b]: [Socket, Socket]): void => {
    for (const socket of [a, b]) {
      if (blocked) socket.pause();
      else socket.resume();
    }
  };
  const server = createServer((inbound) => {
    const outbound = connect(Number(port), hostname);
    const pair: [Socket, Socket] = [inbound, outbound];
    pairs.add(pair);
    for (const [from, into] of [pair, [outbound, inbound]] as const) {
      from.on('data', (part) => into.write(part));
      from.on('error', () => into.destroy());
      from.on('close', () => (into.destroy(), pairs.delete(pair)));
    }
    apply(pair);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const pair of pairs) for (const socket of pair) socket.destroy();
  });
  const here = new URL(target);
  here.port = `${(server.address() as AddressInfo).port}`;
  return {
    url: here.href,
    block: (now) => {
      blocked = now;
      for (const pair of pairs) apply(pair);
    },
  };
}

let names = 0;

describe.each(['redis', 'grpc'] as const)('the relay over %s', (kind) => {
  async function node(url = redisUrl) {
    const name = `relay-${process.pid}-${names++}`;
    const link: Link =
      kind === 'redis'
        ? new RedisLink(url, name, logger)
        : new GrpcLink({ nodeName: name, host: '127.0.0.1', port: 0, secret: 'x'.repeat(32) }, logger);
    const redis = connectRedis(url, logger);
    if (redis.status !== 'ready') await once(redis, 'ready');
    const relay = new Relay(
      { name, incarnation: uuidv7() },
      link,
      new NodeDirectory(new NodeLeases(redis), 'alike', logger),
      logger,
    );
    const entries: Entry[] = [];
    const signals: Signal[] = [];
    relay.listen({
      entries: (_, came) => void entries.push(...came),
      signal: (signal) => void signals.push(signal),
    });
    await relay.start();
    const stop = async (): Promise<void> => {
      await relay.close();
      redis.disconnect();
    };
    onTestFinished(stop);
    /** Its lease stays, as when the process is killed. */
    const crash = async (): Promise<void> => {
      redis.disconnect();
      await relay.close();
    };
    return { name, relay, link, entries, signals, crash };
  }

  /** Waits until `from` tells `to` of the room, by telling it again and again. */
  async function meet(from: Awaited<ReturnType<typeof node>>, to: Awaited<ReturnType<typeof node>>): Promise<void> {
    const probe = room();
    to.relay.serve(probe);
    await until(() => {
      from.relay.publish(probe, [message(probe, 1)]);
      expect(to.entries.some(({ roomId }) => roomId === probe)).toBe(true);
    });
    to.entries.length = 0;
  }

  it('[N1] tells each node what it serves, once and in order, and nothing else', async () => {
    const [a, b, c] = [await node(), await node(), await node()];
    await Promise.all([meet(a, b), meet(a, c), meet(b, a)]);
    await until(() => expect([a, b, c].map(({ relay }) => relay.broken)).toEqual([false, false, false]));
    const [shared, only] = [room(), room()];
    b.relay.serve(shared);
    c.relay.serve(shared);
    c.relay.serve(only);
    const told = room();
    const of = (entries: Entry[], id: RoomId): Entry[] => entries.filter(({ roomId }) => roomId === id);
    await until(() => {
      a.relay.publish(only, [message(only, 1)]);
      a.relay.publish(told, [message(told, 1)], true);
      expect(of(c.entries, only).length).toBeGreaterThan(0);
      expect(of(b.entries, told).length).toBeGreaterThan(0);
      const heard = of(b.entries, only).length;
      for (const { entries } of [b, c]) entries.length = 0;
      expect(heard).toBe(0);
    });
    const sent = Array.from({ length: 200 }, (_, i) => message(shared, i + 1));
    for (const entry of sent) a.relay.publish(shared, [entry]);
    a.relay.publish(told, [message(told, 1)], true);
    await until(() => {
      for (const { entries } of [b, c]) {
        expect(of(entries, shared)).toEqual(sent);
        expect(of(entries, told).length).toBeGreaterThan(0);
      }
    });
    b.relay.unserve(shared);
    await until(() => {
      b.entries.length = 0;
      a.relay.publish(shared, [message(shared, 201)]);
      a.relay.publish(told, [message(told, 2)], true);
      expect(c.entries.filter(({ roomId }) => roomId === told).length).toBeGreaterThan(1);
      expect(of(b.entries, shared)).toEqual([]);
    });
  });

  it('[N1] carries signals to the nodes they are for', async () => {
    const [a, b] = [await node(), await node()];
    await meet(a, b);
    const served = room();
    b.relay.serve(served);
    const userId = uuidv7() as UserId;
    await until(() => {
      a.relay.signal({ kind: 'typing', roomId: served, userId, typing: true });
      a.relay.signal({ kind: 'presence', userIds: [userId] });
      expect(b.signals).toContainEqual({ kind: 'typing', roomId: served, userId, typing: true });
      expect(b.signals).toContainEqual({ kind: 'presence', userIds: [userId] });
    });
  });

  it('[N2] forgets a node that ended, and meets one that started anew under its name', async () => {
    const [a, b] = [await node(), await node()];
    await meet(a, b);
    await b.crash();
    await until(() => expect(a.relay.broken).toBe(true));
    await until(() => expect(a.relay.broken).toBe(false));
    const c = await node();
    await meet(a, c);
  });

  it('[N2] takes nothing that is no frame, too big, or from a stranger', async () => {
    const [a, b] = [await node(), await node()];
    await meet(a, b);
    const to = { name: b.name, incarnation: '', address: `{n:${b.name}}:relay` };
    const id = room();
    a.link.send(to, Buffer.from('no frame'));
    a.link.send(to, Buffer.alloc(FRAME_MAX + 1));
    a.link.send(to, encodeFrame({ from: 'stranger', incarnation: 'x', rooms: [{ roomId: id, entries: ['{}'] }] }));
    await meet(a, b);
    expect(b.entries.some(({ roomId }) => roomId === id)).toBe(false);
  });

  it('[N2] says that it is broken while Redis hears nothing, keeps its peers, and heals by itself', async () => {
    const way = await edge(redisUrl);
    const [a, b] = [await node(way.url), await node()];
    await Promise.all([meet(a, b), meet(b, a)]);
    way.block(true);
    const id = room();
    b.relay.serve(id);
    if (kind === 'redis') {
      await until(() => expect([a.relay.broken, b.relay.broken]).toEqual([true, true]));
      a.relay.publish(id, [message(id, 1)]);
    } else {
      await until(() => {
        a.relay.publish(id, [message(id, 1)]);
        expect(b.entries.some(({ roomId }) => roomId === id)).toBe(true);
      });
    }
    way.block(false);
    await Promise.all([meet(a, b), meet(b, a)]);
    await until(() => expect([a.relay.broken, b.relay.broken]).toEqual([false, false]));
  });
});

describe('the directory of nodes', () => {
  it('[O1] says once which node is set up otherwise', async () => {
    const redis = connectRedis(redisUrl, logger);
    onTestFinished(() => redis.disconnect());
    if (redis.status !== 'ready') await once(redis, 'ready');
    const said: unknown[] = [];
    const listening = Object.assign(Object.create(logger) as typeof logger, {
      error: (about: { other: string }) => void said.push(about.other),
    });
    const prefix = `setup-${process.pid}`;
    const seen: string[][] = [];
    const start = (name: string, setup: string): void => {
      const directory = new NodeDirectory(new NodeLeases(redis), setup, listening);
      onTestFinished(() => directory.close());
      const self = { name: `${prefix}-${name}`, incarnation: uuidv7(), address: 'nowhere' };
      directory.start(self, (peers) => void seen.push(peers.map((peer) => peer.name)));
    };
    start('a', 'one way');
    start('b', 'one way');
    start('c', 'another way');
    // each has looked at least twice at all of the others
    await until(() => {
      const full = seen.filter((names_) => names_.filter((name) => name.startsWith(prefix)).length === 2);
      expect(full.length).toBeGreaterThanOrEqual(6);
    });
    const ours = said.filter((name) => String(name).startsWith(prefix));
    expect(ours.toSorted()).toEqual([`${prefix}-a`, `${prefix}-b`, `${prefix}-c`, `${prefix}-c`]);
  });
});
