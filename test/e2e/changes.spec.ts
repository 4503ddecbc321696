import type { MaruClient, RoomView } from '@maru/client';
import type { Entry, HistoryEntry, Message, RoomId } from '@maru/contract';
import fc from 'fast-check';
import { createConnection } from 'mysql2/promise';
import { describe, expect, it } from 'vitest';
import { idOf, opened, said, settled } from '../support/people.js';
import { ask, newId, newName, person, rawSocket, roomOf, startSystem, until } from '../support/system.js';

const { url, databaseUrl } = await startSystem({
  env: { LIMIT_CHANGES_BURST: '100000', LIMIT_CHANGES_PER_SECOND: '100000' },
});
const strict = await startSystem({ env: { EDIT_MINUTES: '1', LIMIT_CHANGES_BURST: '3' } });

type Three = [MaruClient, MaruClient, MaruClient];
const three = async (): Promise<Three> => Promise.all([person(url), person(url), person(url)]);
const page = async (client: MaruClient, roomId: RoomId): Promise<HistoryEntry[]> =>
  (await client.call('history', { params: { roomId }, query: { limit: '100' } })).entries;
const messageAt = async (client: MaruClient, roomId: RoomId, seq: number): Promise<Message> =>
  (await page(client, roomId)).find((entry) => entry.seq === seq) as Message;

describe('changes of messages', () => {
  it('[M12] are entries of the room’s one order, carry the result, and are seen once by who was away', async () => {
    const [ann, bob] = await three();
    const room = await roomOf(ann, bob);
    const seq = await said(ann, room.id, 'as sent');
    const view = await opened(bob, room.id);
    const socket = await rawSocket(url, await bob.session.accessToken());
    bob.connection.close();
    const about = { roomId: room.id, seq };
    await ann.do('message:edit', { ...about, text: 'as edited' });
    await ann.do('reaction:set', { ...about, emoji: '👍', on: true });
    await ann.do('message:pin', { ...about, pinned: true });
    const other = await said(ann, room.id, 'to be deleted');
    await ann.do('message:delete', { roomId: room.id, seq: other });
    const resumed = await ask<{ entries: Entry[] }>(socket, 'room:open', { roomId: room.id, after: seq });
    expect(resumed.ok && resumed.data.entries).toMatchObject([
      {
        kind: 'change',
        seq: seq + 1,
        targetSeq: seq,
        actorId: idOf(ann),
        change: { type: 'edited', text: 'as edited' },
      },
      { kind: 'change', seq: seq + 2, change: { type: 'reacted', on: true, reactions: [{ emoji: '👍', count: 1 }] } },
      { kind: 'change', seq: seq + 3, change: { type: 'pinned', pinned: true } },
      { kind: 'message', seq: other, text: null },
      { kind: 'change', seq: other + 1, targetSeq: other, change: { type: 'deleted' } },
    ]);
    bob.connection.connect();
    await until(() => expect(view.store.get().timeline.to).toBe(other + 1));
    expect(view.store.get().timeline.entries).toEqual(await page(bob, room.id));
    expect(await messageAt(bob, room.id, seq)).toMatchObject({ text: 'as edited', pinned: true, changedSeq: seq + 3 });
    expect((await messageAt(ann, room.id, seq)).reactions).toEqual([{ emoji: '👍', count: 1, mine: true }]);
    expect((await messageAt(bob, room.id, seq)).reactions).toEqual([{ emoji: '👍', count: 1 }]);
  });

  it('[M12] that change nothing take no place', async () => {
    const [ann, bob] = await three();
    const room = await roomOf(ann, bob);
    const about = { roomId: room.id, seq: await said(ann, room.id, 'hello') };
    const twice = async (ask_: () => Promise<{ changeSeq: number | null }>): Promise<unknown[]> => [
      (await ask_()).changeSeq,
      (await ask_()).changeSeq,
    ];
    const { seq } = about;
    expect(await twice(() => ann.do('reaction:set', { ...about, emoji: '🎉', on: true }))).toEqual([seq + 1, null]);
    expect(await twice(() => ann.do('message:edit', { ...about, text: 'hello!' }))).toEqual([seq + 2, null]);
    expect(await twice(() => ann.do('message:pin', { ...about, pinned: true }))).toEqual([seq + 3, null]);
    expect(await twice(() => ann.do('message:delete', about))).toEqual([seq + 4, null]);
    for (const refused of [
      () => ann.do('message:edit', { ...about, text: 'again' }),
      () => ann.do('reaction:set', { ...about, emoji: '🎉', on: true }),
      () => ann.do('message:pin', { ...about, pinned: true }),
      () => ann.do('message:delete', { roomId: room.id, seq: 1 }),
      () => ann.do('message:delete', { roomId: room.id, seq: 99 }),
    ]) {
      expect(await settled(refused())).toBe('not-found');
    }
  });

  it('[M13] count reactions right however many react at once, each person once per emoji', async () => {
    const people = await Promise.all(Array.from({ length: 12 }, () => person(url)));
    const [ann, ...others] = people as [MaruClient, ...MaruClient[]];
    const room = await roomOf(ann, ...others);
    const seq = await said(ann, room.id, 'react');
    const about = { roomId: room.id, seq };
    const view = await opened(ann, room.id);
    await Promise.all(
      people.flatMap((one, i) => [
        one.do('reaction:set', { ...about, emoji: '👍', on: true }),
        one.connection.request('reaction:set', { ...about, emoji: '👍', on: true }),
        one
          .do('reaction:set', { ...about, emoji: '🎉', on: true })
          .then(() => (i % 2 === 0 ? one.do('reaction:set', { ...about, emoji: '🎉', on: false }) : undefined)),
      ]),
    );
    const counts = (message: Message) => new Map(message.reactions?.map(({ emoji, count }) => [emoji, count]));
    expect(counts(await messageAt(ann, room.id, seq))).toEqual(
      new Map([
        ['👍', 12],
        ['🎉', 6],
      ]),
    );
    const params = { roomId: room.id, seq: `${seq}` as never };
    const { items } = await ann.call('reactors', { params, query: { emoji: '🎉' } });
    expect(items).toHaveLength(6);
    await until(async () => expect(view.store.get().timeline.entries).toEqual(await page(ann, room.id)));
    const emojis = [
      '😀',
      '😃',
      '😄',
      '😁',
      '😆',
      '😅',
      '🤣',
      '😂',
      '🙂',
      '🙃',
      '😉',
      '😊',
      '😇',
      '🥰',
      '😍',
      '🤩',
      '😘',
      '😗',
    ];
    for (const emoji of emojis) await ann.do('reaction:set', { ...about, emoji, on: true });
    expect(await settled(ann.do('reaction:set', { ...about, emoji: '😚', on: true }))).toBe('too-many');
    expect(await settled(ann.do('reaction:set', { ...about, emoji: 'not one', on: true }))).toBe('invalid');
  });

  it('[M14] scrub what is deleted, wherever it was, and keep what refers to it', async () => {
    const [ann, bob, eve] = await three();
    const room = await roomOf(ann, bob, eve);
    const seq = await said(ann, room.id, `secret for @${bob.session.store.get().person?.name}`);
    const about = { roomId: room.id, seq };
    const views = [await opened(ann, room.id), await opened(bob, room.id)];
    await ann.do('message:edit', { ...about, text: 'secret, edited' });
    await bob.do('reaction:set', { ...about, emoji: '👍', on: true });
    await ann.do('message:pin', { ...about, pinned: true });
    const reply = await said(bob, room.id, 'an answer', seq);
    await ann.do('message:delete', about);
    const connection = await createConnection(databaseUrl);
    for (const table of ['messages', 'room_changes', 'message_editions', 'message_mentions', 'message_reactions']) {
      const [rows] = await connection.query(`SELECT * FROM ${table} WHERE room_id = UNHEX(REPLACE(?, '-', ''))`, [
        room.id,
      ]);
      expect(JSON.stringify(rows)).not.toContain('secret');
    }
    await connection.end();
    // from the memory of the node, too
    const socket = await rawSocket(url, await eve.session.accessToken());
    const resumed = await ask<{ entries: Entry[] }>(socket, 'room:open', { roomId: room.id, after: 1 });
    expect(JSON.stringify(resumed)).not.toContain('secret');
    expect(resumed.ok && resumed.data.entries.find((entry) => entry.seq === seq)).toMatchObject({ text: null });
    for (const view of views) {
      await until(() => expect(view.store.get().timeline.to).toBe(reply + 1));
      expect(JSON.stringify(view.store.get().timeline.entries)).not.toContain('secret');
    }
    expect(await messageAt(bob, room.id, reply)).toMatchObject({ text: 'an answer', replyTo: seq });
    expect((await ann.call('pins', { params: { roomId: room.id } })).items).toEqual([]);
  });

  it('[M15] edits are one’s own, for a time, and what was said before is kept', async () => {
    const [ann, bob] = await three();
    const room = await roomOf(ann, bob);
    const about = { roomId: room.id, seq: await said(ann, room.id, 'one') };
    expect(await settled(bob.do('message:edit', { ...about, text: 'not mine' }))).toBe('forbidden');
    await ann.do('message:edit', { ...about, text: 'two' });
    await ann.do('message:edit', { ...about, text: 'three' });
    const params = { roomId: room.id, seq: `${about.seq}` as never };
    expect((await bob.call('editions', { params })).items.map(({ text }) => text)).toEqual(['one', 'two']);

    const late = await person(strict.url);
    const lateRoom = await roomOf(late);
    const seq = await said(late, lateRoom.id, 'old');
    const connection = await createConnection(strict.databaseUrl);
    await connection.query('UPDATE messages SET created_at = created_at - INTERVAL 2 MINUTE');
    await connection.end();
    expect(await settled(late.do('message:edit', { roomId: lateRoom.id, seq, text: 'new' }))).toBe('too-late');
    expect(await settled(late.do('message:delete', { roomId: lateRoom.id, seq }))).toBe('ok');
  });

  it('[M16] replies carry what they answer, and mentions whom they name', async () => {
    const [ann, bob, eve] = await three();
    const room = await roomOf(ann, bob);
    const question = await said(ann, room.id, 'a question');
    for (let i = 0; i < 60; i++) await said(ann, room.id, `${i}`);
    const bobsName = bob.session.store.get().person?.name ?? '';
    const evesName = eve.session.store.get().person?.name ?? '';
    const answer = await said(bob, room.id, `@${bobsName}야, not @${evesName} nor a@${bobsName}`, question);
    const newest = await ann.call('history', { params: { roomId: room.id }, query: {} });
    expect(newest.entries.at(-1)).toMatchObject({ seq: answer, replyTo: question, mentions: [idOf(bob)] });
    expect(newest.quoted).toMatchObject([{ seq: question, text: 'a question' }]);
    await ann.do('message:edit', { roomId: room.id, seq: question, text: 'a better question' });
    const view = await opened(bob, room.id);
    expect(view.store.get().timeline.quotes.get(question)?.text).toBe('a better question');
    // and what comes live is asked for
    const reader = await opened(ann, room.id);
    const again = await said(bob, room.id, 'again', question + 1);
    await until(() => expect(reader.store.get().timeline.quotes.get(question + 1)?.text).toBe('0'));
    await ann.do('message:delete', { roomId: room.id, seq: question });
    await until(() => expect(reader.store.get().timeline.quotes.get(question)?.text).toBe(null));
    expect(again).toBeGreaterThan(answer);
    const connection = await createConnection(databaseUrl);
    const [rows] = await connection.query(
      "SELECT seq FROM message_mentions WHERE room_id = UNHEX(REPLACE(?, '-', '')) AND user_id = UNHEX(REPLACE(?, '-', ''))",
      [room.id, idOf(bob)],
    );
    await connection.end();
    expect(rows).toEqual([{ seq: answer }]);
    expect(await settled(said(bob, room.id, 'x', 1))).toBe('invalid');
    expect(await settled(said(bob, room.id, 'x', 9_999))).toBe('invalid');
  });

  it('[M3] the same id with another reply is another content', async () => {
    const [ann] = await three();
    const room = await roomOf(ann);
    const seq = await said(ann, room.id, 'x');
    const socket = await rawSocket(url, await ann.session.accessToken());
    const message = { roomId: room.id, id: newId(), text: 'same', replyTo: seq };
    const first = await ask(socket, 'message:send', message);
    expect(await ask(socket, 'message:send', message)).toEqual(first);
    const { replyTo: _without, ...other } = message;
    expect(await ask(socket, 'message:send', other)).toMatchObject({ ok: false, error: { code: 'conflict' } });
  });

  it('[L1] are limited per person', async () => {
    const ann = await person(strict.url);
    const room = await roomOf(ann);
    const seq = await said(ann, room.id, 'x');
    const outcomes = await Promise.all(
      ['👍', '🎉', '😀', '😃', '😄', '😁', '😆', '😅', '🤣', '😂'].map((emoji) =>
        settled(ann.do('reaction:set', { roomId: room.id, seq, emoji, on: true })),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'ok').length).toBeGreaterThanOrEqual(3);
    expect(outcomes).toContain('rate-limited');
  });
});

interface Move {
  who: number;
  what: 'say' | 'reply' | 'edit' | 'delete' | 'react' | 'pin' | 'rename' | 'kick' | 'mute' | 'away' | 'back';
  at: number;
}

describe('what a client shows', () => {
  it('[M12] [W7] is what it would read anew, whatever happened in whatever order, there or away', async () => {
    const moves = fc.array(
      fc.record({
        who: fc.nat(2),
        what: fc.constantFrom<Move['what']>(
          ...(['say', 'say', 'reply', 'edit', 'edit', 'delete', 'react', 'react', 'react'] as const),
          ...(['pin', 'rename', 'kick', 'mute', 'away', 'back'] as const),
        ),
        at: fc.nat(),
      }),
      { minLength: 30, maxLength: 60 },
    );
    const cast = await three();
    await fc.assert(
      fc.asyncProperty(moves, async (steps) => {
        const [ann, bob, eve] = cast;
        const room = await roomOf(ann, bob, eve);
        const views: RoomView[] = [];
        for (const one of cast) views.push(await opened(one, room.id));
        await Promise.all(steps.map((step) => play(cast, room.id, step).catch(() => {})));
        for (const one of cast) {
          one.connection.connect();
          await one.do('room:join', { roomId: room.id });
        }
        await until(() => cast.forEach((one) => expect(one.connection.online).toBe(true)));
        await said(ann, room.id, 'the end');
        for (const [i, one] of cast.entries()) {
          const view = views[i] as RoomView;
          view.open();
          const { head } = await one.call('history', { params: { roomId: room.id }, query: { limit: '1' } });
          await until(() => expect(view.store.get().timeline.to).toBeGreaterThanOrEqual(head));
          await until(() => expect(view.store.get().status).toBe('open'));
          const { timeline, pending } = view.store.get();
          const fresh = await page(one, room.id);
          const from = Math.max(fresh[0]?.seq ?? 0, timeline.from);
          const since = (entries: readonly HistoryEntry[]) => entries.filter(({ seq }) => seq >= from);
          expect(since(timeline.entries)).toEqual(since(fresh));
          expect(pending.size).toBe(0);
          view.close();
        }
      }),
      { numRuns: 12 },
    );
  });
});

async function play(cast: Three, roomId: RoomId, { who, what, at }: Move): Promise<void> {
  const one = cast[who] as MaruClient;
  const [owner] = cast;
  const view = one.room(roomId);
  const { entries } = view.store.get().timeline;
  const seq = entries[at % Math.max(entries.length, 1)]?.seq ?? 1;
  const about = { roomId, userId: idOf(one) };
  switch (what) {
    case 'say':
      return void (await said(one, roomId, `${at}`));
    case 'reply':
      return void (await said(one, roomId, `${at}`, seq));
    case 'edit':
      return view.edit(seq, `edit ${at}`);
    case 'delete':
      return view.delete(seq);
    case 'react':
      return view.react(seq, ['👍', '🎉', '😀'][at % 3] as string, at % 4 < 3);
    case 'pin':
      return view.pin(seq, at % 2 === 0);
    case 'rename':
      return void (await owner.do('room:update', { roomId, version: 1, name: newName() }));
    case 'kick':
      return owner.do('member:kick', about);
    case 'mute':
      return owner.do('member:mute', { ...about, seconds: 1 });
    case 'away':
      return one.connection.close();
    case 'back':
      return one.connection.connect();
  }
}
