import {
  type ChangeEntry,
  ChatError,
  type CommandName,
  type CommandPayload,
  type Entry,
  type HistoryEntry,
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

  say(text: string, id = `m${this.log.length + 1}` as MessageId, senderId = 'other' as UserId): Message {
    const known = this.log.find((entry): entry is Message => entry.kind === 'message' && entry.id === id);
    if (known !== undefined) return known;
    const seq = this.log.length + 1;
    const message: Message = { kind: 'message', roomId, seq, ordinal: seq, createdAt: seq, id, senderId, text };
    this.append(message);
    return message;
  }

  edit(targetSeq: number, text: string | null): void {
    if (this.log[targetSeq - 1]?.kind !== 'message') return;
    const seq = this.log.length + 1;
    this.append({ kind: 'change', roomId, seq, ordinal: seq, createdAt: seq, targetSeq, text });
  }

  /** The state of history that a page would show now, from this seq on. */
  history(from: number): HistoryEntry[] {
    const shown = new Map<number, HistoryEntry>();
    for (const entry of this.log) {
      if (entry.kind !== 'change') shown.set(entry.seq, entry);
      else {
        const target = shown.get(entry.targetSeq) as Message;
        shown.set(entry.targetSeq, { ...target, text: entry.text, changedSeq: entry.seq });
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
    if (command !== 'room:open') return {};
    this.open = true;
    const { after } = payload as CommandPayload<'room:open'>;
    const head = this.log.length;
    const truncated = after === null || head - after > RESUME_MAX;
    const page = this.history(1).slice(-PAGE);
    const from = truncated ? (page.length === PAGE ? (page[0]?.seq ?? 1) : 1) : after + 1;
    const entries = truncated ? page : this.log.slice(after);
    return { roomId, head, historyEpoch: 1, truncated, from, entries, people: [] } satisfies RoomOpened;
  }
}

type Step =
  | { kind: 'say' | 'send' | 'burst' | 'drop' | 'reconnect' }
  | { kind: 'edit'; at: number }
  | { kind: 'wait'; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<Step>({ kind: 'say' }, { kind: 'send' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'burst' }) },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ kind: 'drop' }, { kind: 'reconnect' }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('edit' as const), at: fc.nat() }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(400) }) },
);

describe('a room on a bad network', () => {
  it('[W7] shows what the server has, each message once and in order, and sends each once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.array(fc.nat(999), { minLength: 400, maxLength: 400 }),
        async (steps, luck) => {
          let draw = 0;
          let calm = false;
          const server = new Server(() => (calm ? 0.5 : (luck[draw++ % luck.length] ?? 0) / 1_000));
          const view = new RoomView(roomId, server.line, people, (notify) => notify());
          server.view = view;
          view.open();
          const sent: string[] = [];
          for (const now of steps) {
            if (now.kind === 'say') server.say('theirs');
            if (now.kind === 'burst') for (let i = 0; i < 230; i++) server.say('many');
            if (now.kind === 'edit')
              server.edit((now.at % Math.max(server.log.length, 1)) + 1, now.at % 3 === 0 ? null : 'edited');
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

          const { timeline, outgoing, status } = view.store.get();
          expect(status).toBe('open');
          expect(outgoing).toEqual([]);
          expect(timeline.to).toBe(server.log.length);
          expect(timeline.entries).toEqual(server.history(timeline.from));
          const mine = server.log.filter(
            (entry): entry is Message => entry.kind === 'message' && entry.senderId === me,
          );
          expect(mine.map(({ text }) => text)).toEqual(sent);
          view.stop();
        },
      ),
      { numRuns: 150 },
    );
  });

  it('[W7] forgets everything when history was replaced', async () => {
    const server = new Server(() => 0.5);
    const view = new RoomView(roomId, server.line, people, (notify) => notify());
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
