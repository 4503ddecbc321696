import type { Entry, RoomId, UserId } from '@maru/contract';
import { metrics } from '@maru/observability';
import { BroadcastFrame, type Viewer } from '@maru/realtime';

/** Entries that may wait ahead of their turn in one room; more are read from the log when their turn comes. */
const HELD_MAX = 1_000;
/** Entries that may wait for one socket while its `room:open` is being answered. */
const BUFFER_MAX = 500;
/** Entries of one frame. */
const FRAME_ENTRIES = 50;

/** One socket's place in one room. It holds entries back until its `room:open` is answered, then it is live. */
export class Seat {
  /** Entries at or below this seq came with the answer to `room:open`. */
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
  readonly watchers = new Set<Viewer>();
  private readonly held = new Map<number, Entry>();

  constructor(
    readonly roomId: RoomId,
    private readonly unseat: (seat: Seat) => void,
    private readonly left: (userId: UserId, seq: number) => void,
  ) {}

  get used(): boolean {
    return this.seats.size > 0 || this.watchers.size > 0;
  }

  /** The highest seq that waits ahead of its turn; 0 where none does. */
  get ahead(): number {
    return this.held.size === 0 ? 0 : Math.max(...this.held.keys());
  }

  start(head: number): void {
    if (this.next !== undefined) return;
    this.next = head + 1;
    this.accept([]);
  }

  /** Equal to next: delivered. Ahead: held. Behind: dropped. */
  accept(entries: readonly Entry[]): void {
    let run: Entry[] = [];
    const take = (entry: Entry): void => {
      this.next = entry.seq + 1;
      run.push(entry);
      if (run.length < FRAME_ENTRIES && !endsMembership(entry)) return;
      this.deliver(run);
      run = [];
    };
    for (const entry of entries) {
      if (entry.seq === this.next) take(entry);
      else if ((this.next === undefined || entry.seq > this.next) && this.held.size < HELD_MAX) {
        this.held.set(entry.seq, entry);
      }
    }
    if (this.held.size > 0 && this.next !== undefined) {
      for (let entry = this.held.get(this.next); entry !== undefined; entry = this.held.get(this.next)) take(entry);
      for (const seq of this.held.keys()) if (seq < this.next) this.held.delete(seq);
    }
    if (run.length > 0) this.deliver(run);
  }

  private deliver(run: readonly Entry[]): void {
    const [first, last] = [run[0], run.at(-1)];
    if (first === undefined || last === undefined) return;
    let frame: BroadcastFrame<'room:entries'> | undefined;
    let delivered = 0;
    for (const seat of this.seats) {
      if (!seat.live) seat.hold(run);
      else if (seat.after < first.seq) {
        frame ??= new BroadcastFrame('room:entries', { roomId: this.roomId, entries: [...run] });
        seat.viewer.send(frame);
        delivered += run.length;
      } else release(seat, run);
    }
    metrics.entriesDelivered.inc(delivered);
    this.last = last;
    this.advancedAt = performance.now();
    if (endsMembership(last)) this.evict(last.userId, last.seq);
  }

  /** Acts on the entry itself, in its turn: nothing above its seq reaches a socket of that person. */
  private evict(userId: UserId, seq: number): void {
    this.left(userId, seq);
    const told = new Set<Viewer>();
    for (const viewer of this.watchers) {
      if (viewer.identity.userId === userId && this.watchers.delete(viewer)) told.add(viewer);
    }
    for (const seat of this.seats) {
      if (seat.viewer.identity.userId !== userId) continue;
      if (seat.joinedSeq === undefined) {
        seat.evictedAt = seq;
        seat.held = [];
      } else if (seat.joinedSeq < seq) {
        seat.evictedAt = seq;
        this.unseat(seat);
        told.add(seat.viewer);
      }
    }
    for (const viewer of told) viewer.send(new BroadcastFrame('room:evicted', { roomId: this.roomId, seq }));
  }
}

/** Sends what lies above the seat's answer. */
export function release(seat: Seat, entries: readonly Entry[]): void {
  const fresh = entries.filter((entry) => entry.seq > seat.after);
  if (fresh.length > 0) seat.viewer.send(new BroadcastFrame('room:entries', { roomId: seat.roomId, entries: fresh }));
}

const endsMembership = (entry: Entry): entry is Entry & { kind: 'system' } =>
  entry.kind === 'system' && entry.event === 'left';
