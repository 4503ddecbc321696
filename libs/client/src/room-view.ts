import {
  ChatError,
  type Entry,
  type MessageId,
  type ReadCursor,
  type RoomId,
  type RoomReads,
  type UserId,
} from '@maru/contract';
import type { Line } from './connection.js';
import { Outbox } from './outbox.js';
import type { KeptMessage } from './outbox-store.js';
import type { PeopleDirectory } from './people-directory.js';
import { type Pending, PendingChanges } from './pending-changes.js';
import { ReadSignal } from './read-signal.js';
import { RoomHistory } from './room-history.js';
import { RoomNumbers } from './room-numbers.js';
import type { RoomState } from './room-state.js';
import { type Schedule, Store } from './store.js';
import { appended, EMPTY, opened, type Timeline } from './timeline.js';
import { NOBODY, type Typing, TypingSignal } from './typing-signal.js';

/** Keeps one room's outgoing messages beyond a reload. */
export interface Keeper {
  put(message: KeptMessage): void;
  remove(ids: readonly MessageId[]): void;
}

/** Entries that may wait ahead of their turn; beyond that the room is opened again. */
const HELD_MAX = 500;
const GAP_MS = 500;
const REOPEN_MS = 1_000;

/** One room as one person sees it: 1..n, each entry once, in order, whatever the network does. */
export class RoomView {
  readonly store: Store<RoomState>;
  private readonly outbox: Outbox;
  private readonly history: RoomHistory;
  private readonly changes: PendingChanges;
  private readonly typingSignal: TypingSignal;
  private readonly numbers: RoomNumbers;
  private readonly readSignal: ReadSignal;
  private held: Entry[] = [];
  private wanted = false;
  private opening = false;
  /** Raised by close(): an answer to an earlier visit opens nothing. */
  private visit = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly id: RoomId,
    private readonly connection: Line,
    private readonly people: Pick<PeopleDirectory, 'learn' | 'want'>,
    schedule: Schedule,
    /** Whose reactions are `mine`. */
    private readonly me: UserId,
    keeper: Keeper = { put: () => {}, remove: () => {} },
    /** Told how far I have read, on this device. */
    haveRead: (cursor: ReadCursor) => void = () => {},
  ) {
    this.store = new Store<RoomState>(
      {
        status: 'closed',
        error: null,
        timeline: EMPTY,
        outgoing: [],
        loading: false,
        excursion: null,
        pending: new Map(),
        generation: 0,
        typing: NOBODY,
        unread: new Map(),
      },
      schedule,
    );
    this.outbox = new Outbox(
      (message) => connection.request('message:send', { roomId: id, ...message }),
      () => connection.online,
      (outgoing) => {
        this.store.update({ outgoing });
        // what is stored arrives in the timeline of a room that is viewed; elsewhere it is done
        this.outbox.covered(this.wanted ? this.store.get().timeline.to : Number.MAX_SAFE_INTEGER);
      },
      {
        put: ({ id: messageId, text, replyTo, createdAt, state }) =>
          keeper.put({ id: messageId, roomId: id, text, replyTo, createdAt, failed: state === 'failed' }),
        remove: (ids) => keeper.remove(ids),
      },
    );
    this.history = new RoomHistory(id, this.store, connection, people, me);
    this.changes = new PendingChanges((pending) => this.store.update({ pending }));
    this.typingSignal = new TypingSignal(id, connection, (typing) => {
      if (this.store.get().typing !== typing) this.store.update({ typing });
    });
    this.numbers = new RoomNumbers(
      id,
      connection,
      () => this.countedEntries(),
      (unread) => {
        if (this.store.get().unread !== unread) this.store.update({ unread });
      },
    );
    this.readSignal = new ReadSignal(id, connection, () => this.numbers.members, haveRead);
  }

  /** I have seen everything up to here. Says so now and then. */
  read(seq: number): void {
    this.readSignal.read(seq);
  }

  othersRead(reads: RoomReads): void {
    this.numbers.receive(reads);
  }

  /** Views the room from now on, also after every reconnect. */
  open(): void {
    this.wanted = true;
    if (this.store.get().status !== 'open') void this.reopen();
  }

  close(): void {
    this.wanted = false;
    this.visit++;
    this.stopTimers();
    this.numbers.stop();
    this.store.update({ status: 'closed' });
    if (this.connection.online) this.connection.request('room:close', { roomId: this.id }).catch(() => {});
  }

  /** Shown at once, sent in order, again and again with the same id until it is stored or refused for good. */
  send(text: string, replyTo: number | null = null): MessageId {
    this.stoppedTyping();
    return this.outbox.add(text, replyTo);
  }

  /** Shown at once; taken back, and rejected with ChatError, where it is refused. The same goes for what follows. */
  edit(seq: number, text: string): Promise<void> {
    const ask = { roomId: this.id, seq, text };
    return this.change(seq, { text }, () => this.connection.request('message:edit', ask));
  }

  delete(seq: number): Promise<void> {
    const ask = { roomId: this.id, seq };
    return this.change(seq, { deleted: true }, () => this.connection.request('message:delete', ask));
  }

  react(seq: number, emoji: string, on: boolean): Promise<void> {
    const ask = { roomId: this.id, seq, emoji, on };
    return this.change(seq, { reactions: new Map([[emoji, on]]) }, () => this.connection.request('reaction:set', ask));
  }

  pin(seq: number, pinned: boolean): Promise<void> {
    const ask = { roomId: this.id, seq, pinned };
    return this.change(seq, { pinned }, () => this.connection.request('message:pin', ask));
  }

  private change(seq: number, wanted: Pending, ask: Parameters<PendingChanges['track']>[2]): Promise<void> {
    return this.changes.track(seq, wanted, ask, () => this.store.get().timeline.to);
  }

  /** Messages of an earlier run that were not acknowledged. */
  restore(messages: readonly KeptMessage[]): void {
    this.outbox.restore(
      messages.map(({ id, text, replyTo, createdAt, failed }) => ({
        id,
        text,
        replyTo,
        createdAt,
        state: failed ? 'failed' : 'sending',
        error: null,
        seq: null,
      })),
    );
  }

  /** Call with every key; says so now and then. */
  typing(): void {
    this.typingSignal.typed();
  }

  stoppedTyping(): void {
    this.typingSignal.stopped();
  }

  othersType(typing: Typing): void {
    this.typingSignal.othersType(typing);
  }

  /** History was replaced on the server: nothing of what is shown counts any more. */
  reset(): void {
    this.held = [];
    const { generation } = this.store.get();
    this.history.restart();
    this.readSignal.reset();
    this.store.update({ timeline: EMPTY, status: 'opening', generation: generation + 1 });
    if (this.wanted) void this.reopen();
  }

  retry(id: MessageId): void {
    this.outbox.retry(id);
  }

  discard(id: MessageId): void {
    this.outbox.discard(id);
  }

  /** Puts a page of history before what is shown. */
  async loadOlder(): Promise<void> {
    await this.history.loadOlder();
    this.numbers.shownFrom(this.shownFrom());
  }

  /** In an excursion: goes on towards the present. */
  loadNewer(): Promise<void> {
    return this.history.loadNewer();
  }

  /**
   * Makes a message known with what is around it. Returns whether there is such a message to be seen. Rejects with
   * ChatError.
   */
  async jumpTo(seq: number): Promise<boolean> {
    const found = await this.history.jumpTo(seq);
    this.numbers.shownFrom(this.shownFrom());
    return found;
  }

  /** Back to the present. */
  leaveExcursion(): void {
    this.history.leaveExcursion();
  }

  /** The connection is back. */
  reconnected(): void {
    this.outbox.resume();
    this.readSignal.resume();
    if (this.wanted) void this.reopen();
  }

  disconnected(): void {
    if (this.store.get().status === 'open') this.store.update({ status: 'opening' });
  }

  /** What came live: in its turn applied, ahead of it held until the hole is closed, behind it dropped. */
  receive(entries: readonly Entry[]): void {
    this.held.push(...entries);
    if (this.opening) return;
    this.held.sort((a, b) => a.seq - b.seq);
    let { to } = this.store.get().timeline;
    const inTurn: Entry[] = [];
    for (const entry of this.held) {
      if (entry.seq !== to + 1) continue;
      inTurn.push(entry);
      to = entry.seq;
    }
    this.held = this.held.filter((entry) => entry.seq > to);
    if (this.store.get().timeline.hiddenUpTo > 0 && inTurn.some(opensHistory)) return this.reset();
    if (inTurn.length > 0) this.apply(appended(this.store.get().timeline, inTurn, this.me), inTurn);
    if (this.held.length > HELD_MAX) void this.reopen();
    else if (this.held.length > 0) this.reopenIn(GAP_MS);
  }

  evicted(): void {
    this.wanted = false;
    this.visit++;
    this.store.update({ status: 'left' });
  }

  stop(): void {
    this.stopTimers();
    this.numbers.stop();
    this.readSignal.stop();
    this.outbox.stop();
  }

  private stopTimers(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.typingSignal.forget();
    this.history.stop();
  }

  private async reopen(): Promise<void> {
    if (this.opening || !this.connection.online) {
      if (this.store.get().status !== 'open') this.store.update({ status: 'opening' });
      return;
    }
    clearTimeout(this.timer);
    this.timer = undefined;
    this.opening = true;
    const { timeline, status, generation } = this.store.get();
    const { visit } = this;
    if (status !== 'open') this.store.update({ status: 'opening' });
    try {
      const known = timeline.historyEpoch > 0;
      const answer = await this.connection.request('room:open', {
        roomId: this.id,
        after: known ? timeline.to : null,
        ...(known ? { historyEpoch: timeline.historyEpoch } : {}),
      });
      this.opening = false;
      if (visit !== this.visit) return this.reopenIfWanted();
      this.people.learn(answer.people);
      // what was hidden is not any more: there is more to be seen than was kept
      if (!answer.truncated && answer.hiddenUpTo < this.store.get().timeline.hiddenUpTo) return this.reset();
      if (answer.truncated) this.history.restart();
      this.apply(opened(this.store.get().timeline, answer, this.me), answer.entries);
      this.store.update({ status: 'open', error: null, generation: generation + (known && answer.truncated ? 1 : 0) });
      this.numbers.opened();
      this.receive([]);
    } catch (error) {
      this.opening = false;
      if (visit !== this.visit) return this.reopenIfWanted();
      this.failed(error instanceof ChatError ? error : new ChatError('internal', { cause: error }));
    }
  }

  private reopenIfWanted(): void {
    this.held = [];
    if (this.wanted) void this.reopen();
  }

  private failed(error: ChatError): void {
    if (error.code === 'not-member') this.store.update({ status: 'left', error });
    else if (error.final) this.store.update({ status: 'failed', error });
    else this.reopenIn(error.retryAfterMs ?? REOPEN_MS);
  }

  private reopenIn(ms: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.wanted && (this.held.length > 0 || this.store.get().status !== 'open')) void this.reopen();
    }, ms);
  }

  private apply(timeline: Timeline, entries: readonly Entry[]): void {
    this.store.update({ timeline });
    this.numbers.arrived(entries);
    this.history.note(entries);
    this.changes.arrived(timeline.to);
    this.people.want(entries);
    this.settleOutgoing(entries);
    this.outbox.covered(timeline.to);
  }

  private shownFrom(): number {
    const { timeline, excursion } = this.store.get();
    return Math.min(timeline.from, excursion?.from ?? timeline.from);
  }

  private countedEntries(): { entries: readonly Entry[]; from: number } | undefined {
    const { status, timeline, excursion } = this.store.get();
    if (status !== 'open') return undefined;
    return { entries: [...(excursion?.entries ?? []), ...timeline.entries], from: this.shownFrom() };
  }

  private settleOutgoing(entries: readonly Entry[]): void {
    const ids = new Set(entries.flatMap((entry) => (entry.kind === 'message' ? [entry.id] : [])));
    if (ids.size > 0 && this.store.get().outgoing.length > 0) this.outbox.arrived(ids);
  }
}

/** From here on members see what was said before they joined, too. */
const opensHistory = (entry: Entry): boolean => entry.kind === 'system' && entry.settings?.history === 'all';
