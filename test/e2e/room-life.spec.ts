import { type Entry, FOREVER, type SystemEntry } from '@maru/contract';
import { createConnection } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import { idOf, opened, refusalOf, said, settled } from '../support/people.js';
import {
  ask,
  newId,
  newName,
  outcome,
  person,
  rawSocket,
  roomOf,
  send,
  startSystem,
  until,
} from '../support/system.js';

const system = await startSystem({ env: { LIMIT_ROOM_PASSWORD_TRIES: '5' } });
const { url, databaseUrl } = system;

type Client = Awaited<ReturnType<typeof person>>;
const some = (count: number): Promise<Client[]> => Promise.all(Array.from({ length: count }, () => person(url)));
const history = async (client: Client, roomId: string): Promise<Entry[]> =>
  (await client.call('history', { params: { roomId: roomId }, query: { limit: '100' } })).entries;
const events = async (client: Client, roomId: string): Promise<string[]> =>
  (await history(client, roomId)).flatMap((entry) => (entry.kind === 'system' ? [entry.event] : []));

describe('kinds of rooms', () => {
  it('[R7] are found and joined as their kind says', async () => {
    const [ann, bob] = (await some(2)) as [Client, Client];
    const name = newName();
    const rooms = await Promise.all(
      (['public', 'private', 'password', 'group'] as const).map((kind) =>
        ann.do('room:create', { name, kind, ...(kind === 'password' ? { password: 'open sesame' } : {}) }),
      ),
    );
    const { items } = await bob.call('publicRooms', { query: { search: name } });
    expect(items.map(({ kind }) => kind).toSorted()).toEqual(['password', 'public']);
    const outcomes = await Promise.all(rooms.map(({ id }) => settled(bob.do('room:join', { roomId: id }))));
    expect(outcomes).toEqual(['ok', 'not-found', 'wrong-password', 'not-found']);
    expect(await settled(ann.do('room:create', { name, kind: 'password' }))).toBe('invalid');
    expect(await settled(ann.do('room:create', { name, password: 'not for this' }))).toBe('invalid');
  });

  it('[R7] one pair has one direct room, whoever asks and however often at once', async () => {
    const [ann, bob, eve] = (await some(3)) as [Client, Client, Client];
    const rooms = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        i % 2 === 0 ? ann.do('room:direct', { userId: idOf(bob) }) : bob.do('room:direct', { userId: idOf(ann) }),
      ),
    );
    expect(new Set(rooms.map(({ id }) => id)).size).toBe(1);
    const [{ id: roomId } = { id: '' }] = rooms;
    expect(rooms.map(({ peerId }) => peerId)).toContain(idOf(bob));
    expect(await events(ann, roomId)).toEqual(['created', 'joined', 'added']);
    const refused = [
      ann.do('room:leave', { roomId: roomId }),
      ann.do('member:add', { roomId: roomId, userId: idOf(eve) }),
      ann.do('member:kick', { roomId: roomId, userId: idOf(bob) }),
      ann.do('invite:create', { roomId: roomId }),
    ];
    expect(await Promise.all(refused.map(settled))).toEqual(refused.map(() => 'forbidden'));
    expect(await settled(ann.do('room:direct', { userId: idOf(ann) }))).toBe('invalid');
    expect(await settled(ann.do('room:direct', { userId: newId() }))).toBe('not-found');
  });

  it('[R7] everybody in a group adds people and names it', async () => {
    const [ann, bob, eve] = (await some(3)) as [Client, Client, Client];
    const room = await ann.do('room:create', { name: 'We', kind: 'group', members: [idOf(bob)] });
    await bob.do('member:add', { roomId: room.id, userId: idOf(eve) });
    await eve.do('room:update', { roomId: room.id, version: 1, name: 'All of us' });
    expect(await settled(eve.do('room:update', { roomId: room.id, version: 2, slowModeSeconds: 5 }))).toBe('forbidden');
    const { items } = await eve.call('members', { params: { roomId: room.id }, query: {} });
    expect(items.map(({ person: { id }, role }) => [id, role])).toEqual([
      [idOf(ann), 'owner'],
      [idOf(bob), 'member'],
      [idOf(eve), 'member'],
    ]);
  });
});

describe('the password of a room', () => {
  it('[R8] is asked for on every way in, and tried only so often', async () => {
    const [ann, bob, eve] = (await some(3)) as [Client, Client, Client];
    const room = await ann.do('room:create', { name: newName(), kind: 'password', password: 'open sesame' });
    const { code } = await ann.do('invite:create', { roomId: room.id });
    const ways = [
      (password?: string) => bob.do('room:join', { roomId: room.id, password }),
      (password?: string) => bob.do('invite:accept', { code, password }),
      (password?: string) => bob.connection.request('room:join', { roomId: room.id, password }),
      (password?: string) => bob.connection.request('invite:accept', { code, password }),
    ];
    for (const way of ways) {
      expect(await settled(way())).toBe('wrong-password');
      expect(await settled(way('close sesame'))).toBe('wrong-password');
    }
    expect(await settled(ways[0]!('one more'))).toBe('wrong-password');
    const refused = await refusalOf(ways[2]!('open sesame'));
    expect([refused.code, (refused.retryAfterMs ?? 0) > 0]).toEqual(['rate-limited', true]);
    expect(await settled(eve.do('room:join', { roomId: room.id, password: 'open sesame' }))).toBe('ok');
    const connection = await createConnection(databaseUrl);
    const [rows] = await connection.query('SELECT password_hash FROM rooms WHERE name = ?', [room.name]);
    await connection.end();
    expect(JSON.stringify(rows)).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
  });

  it('[R8] can be changed, and taken away with the kind', async () => {
    const [ann, bob, eve] = (await some(3)) as [Client, Client, Client];
    const room = await ann.do('room:create', { name: newName(), kind: 'password', password: 'first' });
    await ann.do('room:update', { roomId: room.id, version: 1, password: 'second' });
    expect(await settled(bob.do('room:join', { roomId: room.id, password: 'first' }))).toBe('wrong-password');
    expect(await settled(bob.do('room:join', { roomId: room.id, password: 'second' }))).toBe('ok');
    await ann.do('room:update', { roomId: room.id, version: 2, kind: 'public' });
    expect(await settled(eve.do('room:join', { roomId: room.id }))).toBe('ok');
    expect(await settled(ann.do('room:update', { roomId: room.id, version: 3, kind: 'password' }))).toBe('invalid');
  });
});

describe('invitations', () => {
  it('[R9] let in as often and as long as they say, and tell nothing once they do not', async () => {
    const [ann, bob, eve, mo] = (await some(4)) as [Client, Client, Client, Client];
    const room = await ann.do('room:create', { name: newName(), kind: 'private' });
    const { code } = await ann.do('invite:create', { roomId: room.id, maxUses: 2 });
    expect(await bob.call('invite', { params: { code } })).toMatchObject({ name: room.name, joined: false });
    const guests = [bob, eve, mo];
    const outcomes = await Promise.all(guests.map((one) => settled(one.do('invite:accept', { code }))));
    expect(outcomes.toSorted()).toEqual(['not-found', 'ok', 'ok']);
    const late = guests[outcomes.indexOf('not-found')]!;
    expect(await settled(late.call('invite', { params: { code } }))).toBe('not-found');

    const short = await ann.do('invite:create', { roomId: room.id, expiresInSeconds: 1 });
    await until(async () =>
      expect(await settled(late.call('invite', { params: { code: short.code } }))).toBe('not-found'),
    );
    const revoked = await ann.do('invite:create', { roomId: room.id });
    expect(await settled(late.do('invite:revoke', { roomId: room.id, code: revoked.code }))).toBe('not-member');
    await ann.do('invite:revoke', { roomId: room.id, code: revoked.code });
    expect(await settled(late.do('invite:accept', { code: revoked.code }))).toBe('not-found');
    expect((await ann.call('invites', { params: { roomId: room.id } })).items).toEqual([]);
  });
});

describe('bans and mutes', () => {
  it('[R10] a ban ends the membership and keeps out, until its time is over or it is lifted', async () => {
    const [ann, bob] = (await some(2)) as [Client, Client];
    const room = await roomOf(ann, bob);
    const { code } = await ann.do('invite:create', { roomId: room.id });
    await ann.do('member:ban', { roomId: room.id, userId: idOf(bob), reason: 'too loud' });
    const ways = [
      () => bob.do('room:join', { roomId: room.id }),
      () => bob.do('invite:accept', { code }),
      () => ann.do('member:add', { roomId: room.id, userId: idOf(bob) }),
    ];
    for (const way of ways) expect(await settled(way())).toBe('banned');
    expect((await ann.call('bans', { params: { roomId: room.id } })).items).toMatchObject([
      { person: { id: idOf(bob) }, until: null, reason: 'too loud', bannedBy: idOf(ann) },
    ]);
    await ann.do('member:unban', { roomId: room.id, userId: idOf(bob) });
    expect(await settled(ways[0]!())).toBe('ok');
    await ann.do('member:ban', { roomId: room.id, userId: idOf(bob), seconds: 1 });
    const refused = await refusalOf(ways[0]!());
    expect([refused.code, (refused.retryAfterMs ?? 0) <= 1_000]).toEqual(['banned', true]);
    await until(async () => expect(await settled(ways[0]!())).toBe('ok'));
    expect(await settled(bob.do('member:ban', { roomId: room.id, userId: idOf(ann) }))).toBe('forbidden');
  });

  it('[R10] who is muted reads and writes nothing, until its time is over or it is lifted', async () => {
    const [ann, bob] = (await some(2)) as [Client, Client];
    const room = await roomOf(ann, bob);
    const socket = await rawSocket(url, await bob.session.accessToken());
    expect(outcome(await send(socket, room.id, 'before'))).toBe('ok');
    const seq = (await history(bob, room.id)).at(-1)?.seq as number;
    await ann.do('member:mute', { roomId: room.id, userId: idOf(bob), seconds: null });
    expect((await bob.call('room', { params: { roomId: room.id } })).mutedUntil).toBe(FOREVER);
    expect(outcome(await send(socket, room.id))).toBe('muted');
    // leaving and coming back changes nothing
    await bob.do('room:leave', { roomId: room.id });
    await bob.do('room:join', { roomId: room.id });
    expect(outcome(await send(socket, room.id))).toBe('muted');
    const about = { roomId: room.id, seq };
    expect(await settled(bob.do('message:edit', { ...about, text: 'edited' }))).toBe('muted');
    expect(await settled(bob.do('reaction:set', { ...about, emoji: '👍', on: true }))).toBe('muted');
    expect(outcome(await ask(socket, 'typing:set', { roomId: room.id, typing: true }))).toBe('muted');
    expect(outcome(await ask(socket, 'room:open', { roomId: room.id, after: null }))).toBe('ok');
    await ann.do('member:unmute', { roomId: room.id, userId: idOf(bob) });
    expect(outcome(await send(socket, room.id))).toBe('ok');
    await ann.do('member:mute', { roomId: room.id, userId: idOf(bob), seconds: 1 });
    const refused = await send(socket, room.id);
    expect(refused.ok ? 'ok' : [refused.error.code, (refused.error.retryAfterMs ?? 0) <= 1_000]).toEqual([
      'muted',
      true,
    ]);
    await until(async () => expect(outcome(await send(socket, room.id))).toBe('ok'));
  });

  it('[M4] who was muted or whose room was archived after a message was stored learns that it was', async () => {
    const [ann, bob] = (await some(2)) as [Client, Client];
    const room = await roomOf(ann, bob);
    const socket = await rawSocket(url, await bob.session.accessToken());
    const id = newId();
    const stored = await send(socket, room.id, 'mine', id);
    await ann.do('member:mute', { roomId: room.id, userId: idOf(bob), seconds: 60 });
    expect(await send(socket, room.id, 'mine', id)).toEqual(stored);
    await ann.do('room:archive', { roomId: room.id, archived: true });
    expect(await send(socket, room.id, 'mine', id)).toEqual(stored);
    expect(outcome(await send(socket, room.id, 'other', id))).toBe('conflict');
  });
});

describe('slow mode', () => {
  it('[R11] makes members wait, says how long, and leaves owner and admins alone', async () => {
    const [ann, bob] = (await some(2)) as [Client, Client];
    const room = await roomOf(ann, bob);
    const [owner, member] = [
      await rawSocket(url, await ann.session.accessToken()),
      await rawSocket(url, await bob.session.accessToken()),
    ];
    expect(outcome(await send(member, room.id, 'warm the cache'))).toBe('ok');
    expect(await settled(bob.do('room:update', { roomId: room.id, version: 1, slowModeSeconds: 2 }))).toBe('forbidden');
    await ann.do('room:update', { roomId: room.id, version: 1, slowModeSeconds: 2 });
    const id = newId();
    const first = await send(member, room.id, 'first', id);
    expect(outcome(first)).toBe('ok');
    const second = await send(member, room.id, 'second');
    const error = second.ok ? undefined : second.error;
    expect(error?.code).toBe('slow-mode');
    expect(error?.retryAfterMs).toBeGreaterThan(0);
    expect(error?.retryAfterMs).toBeLessThanOrEqual(2_000);
    expect(await send(member, room.id, 'first', id)).toEqual(first);
    await until(async () => expect(outcome(await send(member, room.id, 'later'))).toBe('ok'));
    for (let i = 0; i < 3; i++) expect(outcome(await send(owner, room.id))).toBe('ok');
    // somebody who is refused for another reason has not spoken
    await ann.do('room:update', { roomId: room.id, version: 2, slowModeSeconds: 3_600 });
    await ann.do('member:mute', { roomId: room.id, userId: idOf(bob), seconds: 60 });
    expect(outcome(await send(member, room.id))).toBe('muted');
    await ann.do('member:unmute', { roomId: room.id, userId: idOf(bob) });
    expect(outcome(await send(member, room.id))).toBe('slow-mode');
    await ann.do('room:update', { roomId: room.id, version: 3, slowModeSeconds: 0 });
    for (let i = 0; i < 3; i++) expect(outcome(await send(member, room.id))).toBe('ok');
  });
});

describe('who sees history', () => {
  it('[R12] everybody all of it, or each what came since joining, on every way to it', async () => {
    const [ann, bob, eve] = (await some(3)) as [Client, Client, Client];
    const room = await ann.do('room:create', { name: newName(), history: 'joined' });
    const early = await said(ann, room.id, 'before bob');
    await said(ann, room.id, 'edited before bob');
    await ann.do('message:edit', { roomId: room.id, seq: early, text: 'edited before bob' });
    await bob.do('room:join', { roomId: room.id });
    const { joinedSeq } = await bob.call('room', { params: { roomId: room.id } });
    const reply = await said(ann, room.id, 'answering what bob cannot see', early);

    const page = await bob.call('history', { params: { roomId: room.id }, query: {} });
    expect(page.entries.map(({ seq }) => seq)).toEqual([joinedSeq, reply]);
    expect([page.from, page.hiddenUpTo, page.quoted]).toEqual([1, joinedSeq - 1, []]);
    const view = await opened(bob, room.id);
    expect(view.store.get().timeline.entries.map(({ seq }) => seq)).toEqual([joinedSeq, reply]);
    const socket = await rawSocket(url, await bob.session.accessToken());
    const resumed = await ask<{ entries: Entry[] }>(socket, 'room:open', { roomId: room.id, after: 0 });
    expect(resumed.ok && resumed.data.entries.map(({ kind }) => kind)).toEqual([
      ...Array.from({ length: joinedSeq - 1 }, () => 'hidden'),
      'system',
      'message',
    ]);
    const live: Entry[] = [];
    socket.on('room:entries', ({ entries }: { entries: Entry[] }) => live.push(...entries));
    const watching: unknown[] = [];
    const watcher = await rawSocket(url, await bob.session.accessToken());
    watcher.on('room:activity', (activity: { last: Entry | null }) => watching.push(activity.last?.seq ?? null));
    await ask(watcher, 'rooms:watch', {});
    await ann.do('message:edit', { roomId: room.id, seq: early, text: 'edited after bob came' });
    await until(() => expect(live).toMatchObject([{ kind: 'hidden' }]));
    await until(() => expect(watching).toEqual([reply]));
    await ann.do('message:edit', { roomId: room.id, seq: reply, text: 'seen by bob' });
    await until(() => expect(live).toMatchObject([{ kind: 'hidden' }, { kind: 'change', targetSeq: reply }]));
    const reaction = { roomId: room.id, seq: early, emoji: '👍', on: true };
    const asked = [bob.do('reaction:set', reaction), bob.connection.request('reaction:set', reaction)];
    expect(await Promise.all(asked.map(settled))).toEqual(['not-found', 'not-found']);
    expect(await settled(said(bob, room.id, 'a reply', early))).toBe('invalid');
    const params = { roomId: room.id, seq: `${early}` as never };
    expect((await bob.call('editions', { params })).items).toEqual([]);
    expect((await ann.call('editions', { params })).items).toHaveLength(2);

    // from now on everybody sees everything, and later no more
    await ann.do('room:update', { roomId: room.id, version: 1, history: 'all' });
    expect((await bob.call('history', { params: { roomId: room.id }, query: {} })).hiddenUpTo).toBe(0);
    await eve.do('room:join', { roomId: room.id });
    expect(await settled(said(eve, room.id, 'a reply', early))).toBe('ok');
    await ann.do('room:update', { roomId: room.id, version: 2, history: 'joined' });
    await ann.do('message:edit', { roomId: room.id, seq: early, text: 'hidden again' });
    await until(() => expect(live.at(-1)).toMatchObject({ kind: 'hidden' }));
  });
});

describe('the end of a room', () => {
  it('[R13] an archived room is read and not changed, until it is opened again', async () => {
    const [ann, bob, eve] = (await some(3)) as [Client, Client, Client];
    const room = await roomOf(ann, bob);
    const seq = await said(ann, room.id, 'before');
    await ann.do('room:archive', { roomId: room.id, archived: true });
    const refused = [
      () => said(bob, room.id, 'x'),
      () => ann.do('message:edit', { roomId: room.id, seq, text: 'x' }),
      () => ann.do('message:pin', { roomId: room.id, seq, pinned: true }),
      () => ann.do('room:update', { roomId: room.id, version: 2, name: 'x' }),
      () => ann.do('member:kick', { roomId: room.id, userId: idOf(bob) }),
      () => ann.do('invite:create', { roomId: room.id }),
      () => eve.do('room:join', { roomId: room.id }),
    ];
    for (const one of refused) expect(await settled(one())).toBe('archived');
    expect(await settled(bob.call('history', { params: { roomId: room.id }, query: {} }))).toBe('ok');
    await ann.do('room:archive', { roomId: room.id, archived: false });
    expect(await settled(said(bob, room.id, 'again'))).toBe('ok');
  });

  it('[R13] a deleted room is gone for everybody at once, and what was said in it soon', async () => {
    const [ann, bob] = (await some(2)) as [Client, Client];
    const room = await roomOf(ann, bob);
    await said(ann, room.id, 'secret words');
    const [view, watcher] = [await opened(bob, room.id), await rawSocket(url, await bob.session.accessToken())];
    await ask(watcher, 'rooms:watch', {});
    const evicted = new Promise((resolve) => watcher.once('room:evicted', resolve));
    await ann.do('room:delete', { roomId: room.id });
    await until(() => expect(view.store.get().status).toBe('left'));
    await evicted;
    await until(() => expect(bob.rooms.store.get().rooms.map(({ id }) => id)).not.toContain(room.id));
    const asked = [
      said(bob, room.id, 'x'),
      ann.call('history', { params: { roomId: room.id }, query: {} }),
      ann.do('room:archive', { roomId: room.id, archived: true }),
    ];
    expect(await Promise.all(asked.map(settled))).toEqual(asked.map(() => 'not-member'));
    expect(await settled(bob.do('room:join', { roomId: room.id }))).toBe('not-found');
  });

  it('[R13] with its last member a room ends, and an owner hands over before leaving others', async () => {
    const [ann, bob] = (await some(2)) as [Client, Client];
    const room = await roomOf(ann, bob);
    expect(await settled(ann.do('room:leave', { roomId: room.id }))).toBe('last-owner');
    await ann.do('room:transfer', { roomId: room.id, userId: idOf(bob) });
    await ann.do('room:leave', { roomId: room.id });
    await bob.do('room:leave', { roomId: room.id });
    expect(await settled(ann.do('room:join', { roomId: room.id }))).toBe('not-found');
  });
});

describe('what happens to a room', () => {
  it('[R2] is in its log, with who did it to whom', async () => {
    const [ann, bob] = (await some(2)) as [Client, Client];
    const room = await roomOf(ann, bob);
    const about = { roomId: room.id, userId: idOf(bob) };
    await ann.do('room:update', { roomId: room.id, version: 1, name: 'New name', topic: 'A topic', capacity: 9 });
    await ann.do('member:role', { ...about, role: 'admin' });
    await ann.do('member:role', { ...about, role: 'member' });
    await ann.do('member:mute', { ...about, seconds: 60 });
    await ann.do('member:unmute', about);
    await ann.do('member:kick', about);
    await ann.do('member:add', about);
    await ann.do('member:ban', about);
    const log = (await history(ann, room.id)).filter((entry): entry is SystemEntry => entry.kind === 'system');
    expect(log.map(({ event }) => event)).toEqual([
      'created',
      'joined',
      'joined',
      'renamed',
      'topic',
      'settings',
      'role',
      'role',
      'muted',
      'unmuted',
      'kicked',
      'added',
      'banned',
    ]);
    expect(log.filter(({ by }) => by?.userId === idOf(ann)).map(({ userId }) => userId)).toEqual(
      Array.from({ length: 7 }, () => idOf(bob)),
    );
    expect(log.find(({ event }) => event === 'renamed')).toMatchObject({ to: 'New name' });
    expect(log.find(({ event }) => event === 'settings')?.settings).toMatchObject({ capacity: 9, kind: 'public' });
    expect(await ann.call('room', { params: { roomId: room.id } })).toMatchObject({ version: 2, memberCount: 1 });
  });
});
