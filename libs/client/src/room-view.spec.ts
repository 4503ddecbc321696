import {
  type Change,
  type ChangeEntry,
  ChatError,
  type CommandName,
  type CommandPayload,
  type Entry,
  type HistoryEntry,
  type HistoryPage,
  type Message,
  type MessageId,
  RESUME_MAX,
  type RoomId,
  type RoomOpened,
  type UserId,
} from '@maru/contract';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Line } from './connection.js';
import { RoomView } from './room-view.js';

const roomId = 'room' as RoomId;
const me = 'me' as UserId;
const people = { learn: () => {}, want: () => {} };
const PAGE = 50;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A room's log and a connection to it that loses, doubles, delays and reorders as it is told to. */
class Server {
  readonly log: Entry[] = [];
  /** Who has put which emoji under which message. */
  private readonly reactors = new Map<number, Set<string>>();
  online = true;
  /** Raised with each connection: what belongs to an earlier one never arrives. */
  private connection = 0;
  private open = false;
  view: RoomView | undefined;

  constructor(private readonly chance: () => number) {}

  get line(): Line {
    const isOnline = (): boolean => this.online;
    return {
      get online() {
        return isOnline();
      },
      request: ((command: CommandName, payload: unknown) => this.request(command, payload)) as Line['request'],
    };
  }

  say(
    text: string,
    id = `m${this.log.length + 1}` as MessageId,
    senderId = 'other' as UserId,
    replyTo?: number,
  ): Message {
    const known = this.log.find((entry): entry is Message => entry.kind === 'message' && entry.id === id);
    if (known !== undefined) return known;
    const seq = this.log.length + 1;
    const place = { kind: 'message', roomId, seq, ordinal: seq, createdAt: seq } as const;
    const answered = this.log[(replyTo ?? 0) - 1]?.kind === 'message' ? { replyTo: replyTo as number } : {};
    const message: Message = { ...place, id, senderId, text, ...answered };
    this.append(message);
    return message;
  }

  /** Some change of what is at this place, if it is a message that is not deleted. */
  change(targetSeq: number, dice: number): void {
    const target = this.history(1).find(({ seq }) => seq === targetSeq);
    if (target?.kind !== 'message' || target.text === null) return;
    const seq = this.log.length + 1;
    const actorId = dice % 4 < 3 ? me : ('other' as UserId);
    const change = changeOf(target, actorId, dice, seq, this.reactors);
    this.append({ kind: 'change', roomId, seq, ordinal: seq, createdAt: seq, targetSeq, actorId, change });
  }

  /** The state of history that a page would show now, from this seq on. */
  history(from: number, upTo = this.log.length): HistoryEntry[] {
    const shown = new Map<number, HistoryEntry>();
    const mine = new Set<string>();
    for (const entry of this.log.slice(0, upTo)) {
      if (entry.kind === 'message' || entry.kind === 'system') shown.set(entry.seq, entry);
      else if (entry.kind === 'change') {
        const target = shown.get(entry.targetSeq);
        if (target?.kind === 'message') shown.set(entry.targetSeq, after(target, entry, mine));
      }
    }
    return [...shown.values()].filter(({ seq }) => seq >= from);
  }

  drop(): void {
    if (!this.online) return;
    this.online = this.open = false;
    this.connection++;
    this.view?.disconnected();
  }

  reconnect(): void {
    if (this.online) return;
    this.online = true;
    this.view?.reconnected();
  }

  private append(entry: Entry): void {
    this.log.push(entry);
    if (this.open) this.deliver([entry]);
  }

  private deliver(entries: Entry[]): void {
    const copies = this.chance() < 0.2 ? 2 : this.chance() < 0.15 ? 0 : 1;
    for (let copy = 0; copy < copies; copy++) this.later(() => this.view?.receive(entries));
  }

  private later(arrive: () => void): void {
    const { connection } = this;
    setTimeout(() => connection === this.connection && arrive(), Math.floor(this.chance() * 200));
  }

  private request(command: CommandName, payload: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const lost = (): void => reject(new ChatError('unknown'));
      const { connection } = this;
      setTimeout(
        () => {
          if (connection !== this.connection) return lost();
          const answer = this.answer(command, payload);
          setTimeout(
            () => {
              if (connection !== this.connection || this.chance() < 0.1) lost();
              else if (answer instanceof ChatError) reject(answer);
              else resolve(answer);
            },
            Math.floor(this.chance() * 100),
          );
        },
        Math.floor(this.chance() * 100),
      );
    });
  }

  private answer(command: CommandName, payload: unknown): unknown {
    if (command === 'message:send') {
      if (this.chance() < 0.2) return new ChatError('overloaded', { retryAfterMs: 50 });
      const { id, text } = payload as CommandPayload<'message:send'>;
      const { seq, ordinal, createdAt } = this.say(text, id as MessageId, me);
      return { roomId, id, seq, ordinal, createdAt };
    }
    if (command === 'history:read') return this.page(payload as CommandPayload<'history:read'>);
    if (command !== 'room:open') return {};
    this.open = true;
    const { after } = payload as CommandPayload<'room:open'>;
    const head = this.log.length;
    const truncated = after === null || head - after > RESUME_MAX;
    const page = this.history(1).slice(-PAGE);
    const from = truncated ? (page.length === PAGE ? (page[0]?.seq ?? 1) : 1) : after + 1;
    const entries = truncated ? page : this.log.slice(after);
    return { roomId, head, historyEpoch: 1, truncated, from, entries, ...this.besides(entries) } satisfies RoomOpened;
  }

  private page({ before, after, limit = PAGE, minSeq = 0 }: CommandPayload<'history:read'>): HistoryPage {
    // as a replica would, which is as new as it was asked to be and no newer
    const head = this.log.length;
    const all = this.history(1, this.chance() < 0.5 ? head : minSeq);
    const entries =
      after === undefined
        ? all.filter(({ seq }) => seq < (before ?? head + 1)).slice(-limit)
        : all.filter(({ seq }) => seq > after).slice(0, limit);
    const full = entries.length === limit;
    return {
      roomId,
      from: after !== undefined ? after + 1 : full ? (entries[0]?.seq ?? 1) : 1,
      to: after === undefined ? (before ?? head + 1) - 1 : full ? (entries.at(-1)?.seq ?? 0) : minSeq,
      head,
      historyEpoch: 1,
      entries,
      ...this.besides(entries),
    };
  }

  private besides(entries: readonly Entry[]) {
    const there = new Set(entries.map(({ seq }) => seq));
    const wanted = new Set(entries.flatMap((entry) => (entry.kind === 'message' ? (entry.replyTo ?? []) : [])));
    const quoted = this.history(1).filter(
      (entry): entry is Message => entry.kind === 'message' && wanted.has(entry.seq) && !there.has(entry.seq),
    );
    return { quoted, people: [], hiddenUpTo: 0 };
  }
}

const EMOJIS = ['👍', '🎉'] as const;

function changeOf(
  target: Message,
  actorId: UserId,
  dice: number,
  seq: number,
  reactors: Map<number, Set<string>>,
): Change {
  switch (dice % 16) {
    case 0:
      return { type: 'deleted' };
    case 1:
    case 2:
    case 3:
    case 4:
      return { type: 'edited', text: `edit ${seq}`, editedAt: seq, ...(dice % 2 === 0 ? { mentions: [me] } : {}) };
    case 5:
      return { type: 'pinned', pinned: target.pinned !== true };
    default: {
      const emoji = EMOJIS[dice % 3 === 0 ? 1 : 0];
      const there = reactors.get(target.seq) ?? new Set();
      const on = !there.has(`${emoji} ${actorId}`);
      if (on) there.add(`${emoji} ${actorId}`);
      else there.delete(`${emoji} ${actorId}`);
      reactors.set(target.seq, there);
      const reactions = EMOJIS.map((one) => ({
        emoji: one,
        count: [...there].filter((r) => r.startsWith(one)).length,
      }));
      return { type: 'reacted', emoji, on, reactions: reactions.filter(({ count }) => count > 0) };
    }
  }
}

/** The rules of SPEC.md, written once more and as plainly as possible. */
function after(message: Message, { seq, actorId, change }: ChangeEntry, mine: Set<string>): Message {
  const { kind, ordinal, createdAt, id, senderId, text, replyTo, mentions, editedAt, reactions, pinned } = message;
  const place = { kind, roomId, seq: message.seq, ordinal, createdAt, id, senderId };
  const state = { text, replyTo, mentions, editedAt, reactions, pinned };
  if (change.type === 'deleted') {
    Object.assign(state, { text: null, mentions: undefined, editedAt: undefined, reactions: undefined });
    Object.assign(state, { pinned: undefined });
  }
  if (change.type === 'edited') {
    Object.assign(state, { text: change.text, mentions: change.mentions, editedAt: change.editedAt });
  }
  if (change.type === 'pinned') state.pinned = change.pinned ? true : undefined;
  if (change.type === 'reacted') {
    const key = `${message.seq} ${change.emoji}`;
    if (actorId === me && change.on) mine.add(key);
    if (actorId === me && !change.on) mine.delete(key);
    const all = change.reactions.map(({ emoji, count }) =>
      mine.has(`${message.seq} ${emoji}`) ? { emoji, count, mine: true as const } : { emoji, count },
    );
    state.reactions = all.length === 0 ? undefined : all;
  }
  const present = Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined));
  return { ...place, ...present, changedSeq: seq } as Message;
}

/** One of few places, at the beginning, in the middle or near the end: so that much happens to the same message. */
function placeOf(at: number, { log }: Server): number {
  const near = at % 2;
  const from = [1, Math.floor(log.length / 2), log.length - 3][at % 3] ?? 1;
  return Math.min(Math.max(from + near, 1), Math.max(log.length, 1));
}

type Step =
  | { kind: 'say' | 'reply' | 'send' | 'burst' | 'drop' | 'reconnect' | 'older' | 'newer' }
  | { kind: 'change'; at: number; dice: number }
  | { kind: 'jump'; at: number }
  | { kind: 'wait'; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<Step>({ kind: 'say' }, { kind: 'send' }, { kind: 'reply' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'burst' }) },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ kind: 'drop' }, { kind: 'reconnect' }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('change' as const), at: fc.nat(), dice: fc.nat() }) },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ kind: 'older' }, { kind: 'newer' }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('jump' as const), at: fc.nat() }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(400) }) },
);

describe('a room on a bad network', () => {
  it('[W7] shows what the server has, each message once and in order, and sends each once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60, size: 'max' }),
        fc.array(fc.nat(999), { minLength: 400, maxLength: 400 }),
        fc.constantFrom(0, 60, 140),
        async (steps, luck, earlier) => {
          let draw = 0;
          let calm = false;
          const server = new Server(() => (calm ? 0.5 : (luck[draw++ % luck.length] ?? 0) / 1_000));
          const view = new RoomView(roomId, server.line, people, (notify) => notify(), me);
          server.view = view;
          for (let i = 0; i < earlier; i++) server.say('earlier');
          view.open();
          const sent: string[] = [];
          for (const now of steps) {
            if (now.kind === 'say') server.say('theirs');
            if (now.kind === 'burst') for (let i = 0; i < 230; i++) server.say('many');
            if (now.kind === 'reply') server.say('reply', undefined, undefined, 1 + (server.log.length % 7));
            if (now.kind === 'change') server.change(placeOf(now.at, server), now.dice);
            if (now.kind === 'older') void view.loadOlder();
            if (now.kind === 'newer') void view.loadNewer();
            if (now.kind === 'jump') void view.jumpTo(placeOf(now.at, server)).catch(() => {});
            if (now.kind === 'drop') server.drop();
            if (now.kind === 'reconnect') server.reconnect();
            if (now.kind === 'send') {
              sent.push(`mine ${sent.length}`);
              view.send(sent.at(-1) as string);
            }
            if (now.kind === 'wait') await vi.advanceTimersByTimeAsync(now.ms);
          }
          // the network heals: whatever was lost on the last connection is asked for with the next
          server.reconnect();
          await vi.advanceTimersByTimeAsync(60_000);
          calm = true;
          server.drop();
          server.reconnect();
          await vi.advanceTimersByTimeAsync(60_000);

          const { timeline, excursion, outgoing, status } = view.store.get();
          expect(status).toBe('open');
          expect(outgoing).toEqual([]);
          expect(timeline.to).toBe(server.log.length);
          expect(timeline.entries).toEqual(server.history(timeline.from));
          const whole = new Map(server.history(1).map((entry) => [entry.seq, entry]));
          for (const quote of timeline.quotes.values()) if (quote) expect(quote).toEqual(whole.get(quote.seq));
          if (excursion !== null) {
            expect(excursion.entries).toEqual(server.history(excursion.from).filter(({ seq }) => seq <= excursion.to));
          }
          const mine = server.log.filter(
            (entry): entry is Message => entry.kind === 'message' && entry.senderId === me,
          );
          expect(mine.map(({ text }) => text)).toEqual(sent);
          view.stop();
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('[W7] forgets everything when history was replaced', async () => {
    const server = new Server(() => 0.5);
    const view = new RoomView(roomId, server.line, people, (notify) => notify(), me);
    server.view = view;
    server.say('before');
    view.open();
    await vi.advanceTimersByTimeAsync(1_000);
    server.log.length = 0;
    server.say('restored');
    view.reset();
    await vi.advanceTimersByTimeAsync(1_000);
    const { timeline, generation } = view.store.get();
    expect(timeline.entries).toEqual(server.history(1));
    expect(generation).toBe(1);
    expect(server.log.filter((entry): entry is ChangeEntry => entry.kind === 'change')).toEqual([]);
  });
});
