import {
  type Entry,
  type HistoryEntry,
  isHistory,
  endsMembership,
  messageAfter,
  type RoomId,
  type UserId,
} from '@maru/contract';
import { metrics } from '@maru/observability';
import { BroadcastFrame, type Viewer } from '@maru/realtime';
import { concealed } from './entry-rows.js';
import { GatherWindow } from './gather-window.js';
import { RecentEntries } from './recent-entries.js';

/** Entries that may wait ahead of their turn in one room; more are read from the log when their turn comes. */
const HELD_MAX = 1_000;
/** Entries that may wait for one socket while its `room:open` is being answered. */
const BUFFER_MAX = 500;
/** Entries of one frame. */
const FRAME_ENTRIES = 50;

/** One socket's place in one room. It holds entries back until its `room:open` is answered, then it is live. */
export class Seat {
  /** The socket has the entries at or below this seq: with the answer to `room:open`, or ahead of the others. */
  after = Number.MAX_SAFE_INTEGER;
  live = false;
  held: Entry[] = [];
  overflowed = false;
  /** Seq of the entry that ended the membership while this socket was still opening the room. */
  evictedAt = 0;
  joinedSeq: number | undefined;

  constructor(
    readonly viewer: Viewer,
    readonly roomId: RoomId,
  ) {}

  hold(entries: readonly Entry[]): void {
    this.held.push(...entries);
    if (this.held.length > BUFFER_MAX) {
      this.overflowed = true;
      this.held = [];
    }
  }
}

/** What the delivery of a room tells. */
export interface RoomListener {
  unseat(seat: Seat): void;
  left(userId: UserId, seq: number): void;
  mentioned(userId: UserId, seq: number): void;
  /** In its turn, whenever it leaves. */
  taken(entry: Entry): void;
  /** What was gathered has waited long enough: call `flush` soon. */
  due(room: RoomDelivery): void;
}

/** The in-order delivery of one room on this node: every socket gets seq after seq, whatever order entries arrive in. */
export class RoomDelivery {
  /** The seq that goes out next; unknown until somebody has read the head. */
  next: number | undefined;
  last: Entry | undefined;
  /** performance.now() of the last entry that went out, so that the repair loop leaves alone what is under way. */
  advancedAt = 0;
  /** Runs while an entry is ahead of its turn. */
  holdTimer: NodeJS.Timeout | undefined;
  readonly seats = new Set<Seat>();
  /** Sockets that hear of activity, and with which entry their person became a member. */
  readonly watchers = new Map<Viewer, number>();
  /** Members see only what came since they joined. Until that is known, nobody is shown more. */
  hidesHistory = true;
  private settingsSeq = -1;
  /** For those who watch: what is newest in history, and whether the room or its members changed since they were told. */
  newestHistory: HistoryEntry | null = null;
  changed = false;
  /** 0: not known yet. */
  historyEpoch = 0;
  /** The log holds something else at a place that this node has delivered: history was replaced. */
  contradicted = false;
  private readonly held = new Map<number, Entry>();
  private readonly newest = new RecentEntries();
  /** Committed here, with its turn to be delivered coming up, and the frame that it was encoded in. */
  private expected: { entry: Entry; frame?: BroadcastFrame<'room:entries'> } | undefined;
  /** Taken in their turn, and waiting for others. */
  private gathered: Entry[] | undefined;
  private gatherTimer: NodeJS.Timeout | undefined;

  constructor(
    readonly roomId: RoomId,
    private readonly told: RoomListener,
    private readonly window = new GatherWindow(),
  ) {}

  get used(): boolean {
    return this.seats.size > 0 || this.watchers.size > 0;
  }

  /** Entries were taken that sockets will get in a moment. */
  get gathering(): boolean {
    return this.gathered !== undefined;
  }

  /** The highest seq that waits ahead of its turn; 0 where none does. */
  get ahead(): number {
    return this.held.size === 0 ? 0 : Math.max(...this.held.keys());
  }

  /** Leave `hidesHistory` out where it was not read together with the head. */
  start(head: number, historyEpoch: number, hidesHistory?: boolean): void {
    if (hidesHistory !== undefined) this.noteSettings(hidesHistory, head);
    if (this.historyEpoch === 0) this.historyEpoch = historyEpoch;
    if (this.next !== undefined) return;
    this.next = head + 1;
    this.accept([]);
  }

  /** The log carries a newer history than the one that this node delivers. */
  isReplaced(historyEpoch: number): boolean {
    return this.historyEpoch > 0 && historyEpoch > this.historyEpoch;
  }

  /** History was replaced: begins anew after this head, with nothing of what was. */
  restart(head: number, historyEpoch: number): void {
    this.close();
    this.held.clear();
    this.newest.clear();
    this.expected = undefined;
    this.last = undefined;
    this.newestHistory = null;
    this.changed = true;
    this.contradicted = false;
    this.next = head + 1;
    this.historyEpoch = historyEpoch;
  }

  close(): void {
    clearTimeout(this.gatherTimer);
    clearTimeout(this.holdTimer);
    this.gatherTimer = this.holdTimer = undefined;
    this.gathered = undefined;
  }

  /** Everything after `after` up to `head`, if it is still here. */
  recent(after: number, head: number): Entry[] | undefined {
    return this.newest.between(after, head);
  }

  /** How many messages there are up to this place, if it is among the newest. */
  ordinalAt(seq: number): number | undefined {
    return seq === this.last?.seq ? this.last.ordinal : this.newest.at(seq)?.ordinal;
  }

  /** These were committed here and will be accepted in a moment. */
  expect([entry]: readonly Entry[]): void {
    if (entry !== undefined && entry.seq === this.next) this.expected = { entry };
  }

  /** Gives one socket the room's next entry before the others, if it is the one at this seq and nothing waits before it. */
  deliverAhead(seat: Seat, seq: number): void {
    const { expected } = this;
    if (expected?.entry.seq !== seq || seq !== this.next || seq <= seat.after || this.gathering) return;
    expected.frame ??= this.frameOf([expected.entry]);
    seat.after = seq;
    seat.viewer.send(expected.frame);
    metrics.entriesDelivered.inc();
  }

  /** Equal to next: delivered. Ahead: held. Behind: dropped. */
  accept(entries: readonly Entry[]): void {
    let run: Entry[] = [];
    const take = (entry: Entry): void => {
      this.next = entry.seq + 1;
      this.noteActivity(entry);
      if (entry.kind === 'system' && entry.settings !== undefined) {
        if (run.length > 0) this.gather(run);
        this.flush();
        run = [];
        this.noteSettings(entry.settings.history === 'joined', entry.seq);
      }
      run.push(entry);
      this.newest.add(entry);
      this.told.taken(entry);
      if (run.length < FRAME_ENTRIES && !endsMembership(entry)) return;
      this.gather(run);
      run = [];
    };
    for (const entry of entries) {
      if (entry.seq === this.next) take(entry);
      else if ((this.next === undefined || entry.seq > this.next) && this.held.size < HELD_MAX) {
        this.held.set(entry.seq, entry);
        metrics.entriesHeld.inc();
      } else if (this.next !== undefined && entry.seq < this.next && this.newest.contradicts(entry))
        this.contradicted = true;
    }
    if (this.held.size > 0 && this.next !== undefined) {
      for (let entry = this.held.get(this.next); entry !== undefined; entry = this.held.get(this.next)) take(entry);
      for (const seq of this.held.keys()) if (seq < this.next) this.held.delete(seq);
    }
    if (run.length > 0) this.gather(run);
  }

  private noteActivity(entry: Entry): void {
    if (entry.kind === 'system') this.changed = true;
    if (entry.kind === 'message') entry.mentions?.forEach((userId) => this.told.mentioned(userId, entry.seq));
    if (entry.kind === 'change' && entry.change.type === 'edited') {
      entry.change.mentions?.forEach((userId) => this.told.mentioned(userId, entry.targetSeq));
    }
    if (isHistory(entry)) this.newestHistory = entry;
    else if (entry.kind === 'change' && this.newestHistory?.kind === 'message') {
      this.newestHistory = messageAfter(this.newestHistory, entry);
    }
  }

  /** What was read at a later seq counts. */
  private noteSettings(hidesHistory: boolean, seq: number): void {
    if (seq < this.settingsSeq) return;
    this.settingsSeq = seq;
    this.hidesHistory = hidesHistory;
  }

  /** One frame carries what comes within the window; where there is none, an entry leaves at once. */
  private gather(run: readonly Entry[]): void {
    const [last] = run.slice(-1);
    const waitMs = this.window.after(run.length);
    const isLast = last !== undefined && endsMembership(last);
    if (this.gathered === undefined && (waitMs === 0 || isLast)) return this.deliver(run);
    this.gathered = [...(this.gathered ?? []), ...run];
    if (waitMs === 0 || isLast || this.gathered.length >= FRAME_ENTRIES) this.flush();
    else this.gatherTimer ??= setTimeout(() => this.told.due(this), waitMs);
  }

  /** Sends what was gathered. */
  flush(): void {
    clearTimeout(this.gatherTimer);
    this.gatherTimer = undefined;
    const run = this.gathered ?? [];
    this.gathered = undefined;
    for (let i = 0; i < run.length; i += FRAME_ENTRIES) this.deliver(run.slice(i, i + FRAME_ENTRIES));
  }

  private deliver(run: readonly Entry[]): void {
    const [first, last] = [run[0], run.at(-1)];
    if (first === undefined || last === undefined) return;
    let frame: BroadcastFrame<'room:entries'> | undefined;
    let delivered = 0;
    const oldest = this.hidesHistory ? Math.min(...run.map(about)) : NO_SEQ;
    for (const seat of this.seats) {
      if (!seat.live) seat.hold(run);
      else if (seat.after < first.seq && oldest >= (seat.joinedSeq ?? 0)) {
        frame ??= this.frameOf(run);
        seat.viewer.send(frame);
        delivered += run.length;
      } else delivered += release(seat, run, this.hidesHistory);
    }
    metrics.entriesDelivered.inc(delivered);
    if (delivered > 0) metrics.deliveryLag.observe(Math.max(0, Date.now() - first.createdAt) / 1_000);
    if (this.expected !== undefined && this.expected.entry.seq <= last.seq) this.expected = undefined;
    this.last = last;
    this.advancedAt = performance.now();
    if (endsMembership(last)) this.evict(last.event === 'deleted' ? undefined : last.userId, last.seq);
  }

  private frameOf(run: readonly Entry[]): BroadcastFrame<'room:entries'> {
    const { entry, frame } = this.expected ?? {};
    if (frame !== undefined && run.length === 1 && run[0] === entry) return frame;
    return new BroadcastFrame('room:entries', { roomId: this.roomId, entries: [...run] });
  }

  /**
   * Acts on the entry itself, in its turn: nothing above its seq reaches a socket of that person. Without a person the
   * room has ended for everybody.
   */
  private evict(userId: UserId | undefined, seq: number): void {
    const concerns = (viewer: Viewer): boolean => userId === undefined || viewer.identity.userId === userId;
    const told = new Set<Viewer>();
    for (const viewer of this.watchers.keys()) {
      if (!concerns(viewer)) continue;
      this.watchers.delete(viewer);
      this.told.left(viewer.identity.userId, seq);
      told.add(viewer);
    }
    if (userId !== undefined) this.told.left(userId, seq);
    for (const seat of this.seats) {
      if (!concerns(seat.viewer)) continue;
      if (seat.joinedSeq === undefined) {
        seat.evictedAt = seq;
        seat.held = [];
      } else if (seat.joinedSeq < seq) {
        seat.evictedAt = seq;
        this.told.unseat(seat);
        told.add(seat.viewer);
      }
    }
    for (const viewer of told) viewer.send(new BroadcastFrame('room:evicted', { roomId: this.roomId, seq }));
  }
}

const NO_SEQ = Number.MAX_SAFE_INTEGER;

/** Sends what lies above the seat's answer; returns how many entries that were. */
export function release(seat: Seat, entries: readonly Entry[], hidesHistory: boolean): number {
  const fresh = entries.filter((entry) => entry.seq > seat.after);
  if (fresh.length === 0) return 0;
  const shown = hidesHistory ? concealed(fresh, (seat.joinedSeq ?? 1) - 1) : fresh;
  seat.viewer.send(new BroadcastFrame('room:entries', { roomId: seat.roomId, entries: shown }));
  return fresh.length;
}

/** What an entry tells of: itself, or the message that it changed. */
const about = (entry: Entry): number => (entry.kind === 'change' ? entry.targetSeq : entry.seq);
