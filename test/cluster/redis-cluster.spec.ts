import { once } from 'node:events';
import { createLogger } from '@maru/observability';
import { connectRedis } from '@maru/redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { chatters } from '../support/chatters.js';
import { idOf } from '../support/people.js';
import {
  ask,
  metric,
  newId,
  outcome,
  person,
  rawSocket,
  rest,
  roomOf,
  send,
  startSystem,
  until,
} from '../support/system.js';

const system = await startSystem({
  nodes: 2,
  redisCluster: { replicas: 1 },
  env: { LIMIT_SEND_PER_SECOND: '20', LIMIT_SEND_BURST: '40' },
});
const { url, nodes, nodeUrls, redisServers, redisUrl, databaseUrl } = system;
const [one = '', two = ''] = nodeUrls;
for (const node of nodes) void node.supervise(() => {});

/** Ports of the masters, in the order of their slots, as the last of the servers knows them. */
async function mastersNow(): Promise<number[]> {
  const server = connectRedis(redisUrl.split(',').at(-1) as string, createLogger({ level: 'silent', node: 'test' }));
  onTestFinished(() => server.disconnect());
  await once(server, 'ready');
  const slots = await server.cluster('SLOTS');
  server.disconnect();
  return slots.toSorted(([a], [b]) => a - b).flatMap(([, , master]) => (master === undefined ? [] : [master[1]]));
}

/** What goes over Redis between two nodes, each part by its own slots. Resolves once all of it works. */
async function everythingWorks(): Promise<void> {
  const [ann, bob] = [await person(one), await person(two)];
  const room = await roomOf(ann, bob);
  const [here, there] = [ann.room(room.id), bob.room(room.id)];
  for (const view of [here, there]) view.open();
  await until(() => expect([here, there].map(({ store }) => store.get().status)).toEqual(['open', 'open']));

  // presence and typing, over leases and the relay
  await until(() => expect(ann.presence.store.get().people.get(idOf(bob))?.status).toBe('online'));
  await until(() => {
    there.typing();
    expect(here.store.get().typing.userIds).toEqual([idOf(bob)]);
  });

  // room lists of many slots, kept by the event stream; read cursors
  const rooms = await Promise.all(Array.from({ length: 8 }, () => roomOf(ann, bob)));
  const body = () => ({ id: newId(), text: 'hello' });
  for (const { id } of rooms) {
    const { seq } = await ann.call('sendMessage', { params: { roomId: id }, body: body() });
    await ann.call('sendMessage', { params: { roomId: id }, body: body() });
    await bob.do('room:read', { roomId: id, seq });
  }
  await until(async () => {
    const listed = (await bob.call('myRooms')).rooms.filter(({ id }) => rooms.some((room_) => room_.id === id));
    expect(listed.map(({ unread, last }) => [unread, last !== null])).toEqual(rooms.map(() => [1, true]));
  });

  // one bucket for all connections of a person, wherever they are
  const token = await ann.session.accessToken();
  const sockets = [await rawSocket(one, token), await rawSocket(two, token)];
  const refused = async (): Promise<boolean> => {
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => send(sockets[i % 2]!, room.id)));
    return answers.map(outcome).filter((code) => code === 'rate-limited').length >= 20;
  };
  await until(async () => {
    const decidedHere = () => Promise.all(nodes.map((node) => metric(node, 'maru_rate_limiter_fallback_total')));
    const before = await decidedHere();
    expect(await refused()).toBe(true);
    expect(await decidedHere()).toEqual(before);
  });

  // the control plane
  await rest(one, 'POST', '/api/auth/logout', { token });
  await until(() => expect(sockets.map(({ connected }) => connected)).toEqual([false, false]));
}

describe('with a Redis Cluster', () => {
  it('[N7] everything works that Redis is for', everythingWorks);

  it('[N7] [O7] loses no acknowledged message when a master is killed, and everything works again', async () => {
    const crowd = await chatters(url, 20);
    crowd.chat(2);
    for (const [i, master] of redisServers.slice(0, 2).entries()) {
      const masters = await mastersNow();
      const said = crowd.said;
      master.signal('SIGKILL');
      await until(async () => expect(await mastersNow()).not.toContain(masters[i]));
      await until(() => expect(crowd.said).toBeGreaterThan(said + 100));
      // it comes back as a replica of the one that took its place
      await master.start();
    }
    await crowd.rest();
    expect(await crowd.faults(databaseUrl)).toEqual([]);
    await everythingWorks();
  });

  it('[N7] goes on while all of it is frozen', async () => {
    const ann = await person(one);
    const room = await roomOf(ann);
    const socket = await rawSocket(two, await ann.session.accessToken());
    for (const server of redisServers) server.signal('SIGSTOP');
    expect(outcome(await send(socket, room.id))).toBe('ok');
    for (const server of redisServers) server.signal('SIGCONT');
    expect(outcome(await ask(socket, 'room:open', { roomId: room.id, after: null }))).toBe('ok');
  });
});
