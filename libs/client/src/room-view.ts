import { ChatError, type Entry, type HistoryEntry, type MessageId, type RoomId, type UserId } from '@maru/contract';
import type { Line } from './connection.js';
import { Outbox, type OutgoingMessage } from './outbox.js';
import type { KeptMessage } from './outbox-store.js';
import type { PeopleDirectory } from './people-directory.js';
import { type Schedule, Store } from './store.js';
import { appended, EMPTY, opened, prepended, type Timeline } from './timeline.js';

export interface RoomState {
  /** `left`: no longer a member. `failed`: could not be opened; open() tries again. */
  status: 'closed' | 'opening' | 'open' | 'left' | 'failed';
  error: ChatError | null;
  /** Everything known of the room, in seq order, without holes from `from` to `to`. */
  timeline: Timeline;
  /** My messages that are not in the timeline yet, in the order I wrote them. */
  outgoing: readonly OutgoingMessage[];
  loadingOlder: boolean;
  /** Raised whenever the timeline was thrown away and started anew. */
  generation: number;
  /** Who is typing, oneself included; at most three, and whether there are more. */
  typing: { userIds: readonly UserId[]; more: boolean };
}

/** Keeps one room's outgoing messages beyond a reload. */
export interface Keeper {
  put(message: KeptMessage): void;
  remove(ids: readonly MessageId[]): void;
}

/** Entries that may wait ahead of their turn; beyond that the room is opened again. */
const HELD_MAX = 500;
const GAP_MS = 500;
const REOPEN_MS = 1_000;
/** How often somebody who goes on typing says so, and how long that counts. */
const TYPING_SAY_MS = 3_000;
const TYPING_EXPIRES_MS = 6_000;
const NOBODY = { userIds: [], more: false };

/** One room as one person sees it: 1..n, each entry once, in order, whatever the network does. */
export class RoomView {
  readonly store: Store<RoomState>;
  private readonly outbox: Outbox;
  private held: Entry[] = [];
  private wanted = false;
  private opening = false;
  /** Raised by close(): an answer to an earlier visit opens nothing. */
  private visit = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private saidTypingAt = Number.NEGATIVE_INFINITY;
  private typingTimer: ReturnType<typeof setTimeout> | undefined;
  private olderTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly id: RoomId,
    private readonly connection: Line,
    private readonly people: Pick<PeopleDirectory, 'learn' | 'want'>,
    schedule: Schedule,
    keeper: Keeper = { put: () => {}, remove: () => {} },
  ) {
    this.store = new Store<RoomState>(
      {
        status: 'closed',
        error: null,
        timeline: EMPTY,
        outgoing: [],
        loadingOlder: false,
        generation: 0,
        typing: NOBODY,
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
        put: ({ id: messageId, text, createdAt, state }) =>
          keeper.put({ id: messageId, roomId: id, text, createdAt, failed: state === 'failed' }),
        remove: (ids) => keeper.remove(ids),
      },
    );
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
    this.store.update({ status: 'closed' });
    if (this.connection.online) this.connection.request('room:close', { roomId: this.id }).catch(() => {});
  }

  /** Shown at once, sent in order, again and again with the same id until it is stored or refused for good. */
  send(text: string): MessageId {
    this.stoppedTyping();
    return this.outbox.add(text);
  }

  /** Messages of an earlier run that were not acknowledged. */
  restore(messages: readonly KeptMessage[]): void {
    this.outbox.restore(
      messages.map(({ id, text, createdAt, failed }) => ({
        id,
        text,
        createdAt,
        state: failed ? 'failed' : 'sending',
        error: null,
        seq: null,
      })),
    );
  }

  /** Call with every key; says so now and then. */
  typing(): void {
    const now = performance.now();
    if (now - this.saidTypingAt < TYPING_SAY_MS || !this.connection.online) return;
    this.saidTypingAt = now;
    this.connection.request('typing:set', { roomId: this.id, typing: true }).catch(() => {});
  }

  stoppedTyping(): void {
    if (this.saidTypingAt === Number.NEGATIVE_INFINITY || !this.connection.online) return;
    this.saidTypingAt = Number.NEGATIVE_INFINITY;
    this.connection.request('typing:set', { roomId: this.id, typing: false }).catch(() => {});
  }

  othersType({ userIds, more }: RoomState['typing']): void {
    clearTimeout(this.typingTimer);
    this.store.update({ typing: { userIds, more } });
    if (userIds.length > 0)
      this.typingTimer = setTimeout(() => this.store.update({ typing: NOBODY }), TYPING_EXPIRES_MS);
  }

  /** History was replaced on the server: nothing of what is shown counts any more. */
  reset(): void {
    this.held = [];
    const { generation } = this.store.get();
    this.store.update({ timeline: EMPTY, status: 'opening', generation: generation + 1 });
    if (this.wanted) void this.reopen();
  }

  retry(id: MessageId): void {
    this.outbox.retry(id);
  }

  discard(id: MessageId): void {
    this.outbox.discard(id);
  }

  /** Puts a page of history before what is there. */
  async loadOlder(): Promise<void> {
    const { timeline, loadingOlder } = this.store.get();
    if (loadingOlder || timeline.from <= 1 || !this.connection.online) return;
    this.store.update({ loadingOlder: true });
    try {
      const page = await this.connection.request('history:read', { roomId: this.id, before: timeline.from });
      this.people.learn(page.people);
      this.store.update({ timeline: prepended(this.store.get().timeline, page), loadingOlder: false });
    } catch {
      this.olderTimer = setTimeout(() => this.store.update({ loadingOlder: false }), REOPEN_MS);
    }
  }

  /** The connection is back. */
  reconnected(): void {
    this.outbox.resume();
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
    if (inTurn.length > 0) this.apply(appended(this.store.get().timeline, inTurn), inTurn);
    if (this.held.length > HELD_MAX) void this.reopen();
    else if (this.held.length > 0) this.reopenIn(GAP_MS);
  }

  evicted(): void {
    this.wanted = false;
    this.store.update({ status: 'left' });
  }

  stop(): void {
    this.stopTimers();
    this.outbox.stop();
  }

  private stopTimers(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    clearTimeout(this.olderTimer);
    clearTimeout(this.typingTimer);
    if (this.store.get().typing !== NOBODY) this.store.update({ typing: NOBODY });
    if (this.store.get().loadingOlder) this.store.update({ loadingOlder: false });
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
      this.apply(opened(this.store.get().timeline, answer), answer.entries);
      this.store.update({ status: 'open', error: null, generation: generation + (known && answer.truncated ? 1 : 0) });
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
    this.people.want(entries);
    this.settleOutgoing(entries);
    this.outbox.covered(timeline.to);
  }

  private settleOutgoing(entries: readonly (Entry | HistoryEntry)[]): void {
    const ids = new Set(entries.flatMap((entry) => (entry.kind === 'message' ? [entry.id] : [])));
    if (ids.size > 0 && this.store.get().outgoing.length > 0) this.outbox.arrived(ids);
  }
}
