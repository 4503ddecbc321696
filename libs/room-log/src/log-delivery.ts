import {
  ChatError,
  endsMembership,
  membershipAfter,
  OPEN_ROOMS_MAX,
  type Entry,
  type RoomId,
  type Stored,
  type UserId,
} from '@maru/contract';
import { metrics, type Logger } from '@maru/observability';
import { BroadcastFrame, type Viewer } from '@maru/realtime';
import type { Relay } from '@maru/relay';
import type { HistoryCache } from './history-cache.js';
import { LogRepair } from './log-repair.js';
import type { LogRepository } from './log.repository.js';
import type { Head, Rights } from './log-types.js';
import { release, RoomDelivery, Seat } from './room-delivery.js';
import { Slices } from './slices.js';
import { Watchers } from './watchers.js';

const ACTIVITY_MS = 500;

interface WatchedRoom {
  id: RoomId;
  head: number;
  historyEpoch: number;
  history: 'all' | 'joined';
  joinedSeq: number;
}

/** Told of what live delivery learns; a hint, as entries are. */
export interface DeliveryObserver {
  /** A socket views the room from now on. */
  viewed(viewer: Viewer, roomId: RoomId): void;
  joined(roomId: RoomId, userId: UserId): void;
  left(roomId: RoomId, userId: UserId): void;
  /** Something happened that may change what somebody may do here. */
  changed(roomId: RoomId): void;
  /** What this node knew of the room's history is void. */
  replaced(roomId: RoomId): void;
}

/**
 * Brings committed entries to the sockets of this node, in seq order. What it is told is a hint that may be lost,
 * doubled or early; holes are read from the log.
 */
export class LogDelivery {
  private readonly rooms = new Map<RoomId, RoomDelivery>();
  private readonly seatsOf = new Map<Viewer, Map<RoomId, Seat>>();
  private readonly watchers = new Watchers();
  private readonly active = new Set<RoomDelivery>();
  private readonly due = new Slices<RoomDelivery>((room) => room.flush());
  private readonly observers: Partial<DeliveryObserver>[] = [];
  private readonly repair: LogRepair;
  private readonly activityTimer = setInterval(() => this.tellActivity(), ACTIVITY_MS);

  constructor(
    repository: LogRepository,
    private readonly relay: Pick<Relay, 'serve' | 'unserve' | 'publish' | 'broken'>,
    private readonly logger: Logger,
    /** Grows with what is delivered here. */
    private readonly history: Pick<HistoryCache, 'append' | 'forget'>,
  ) {
    const { rooms } = this;
    const accept = this.accept.bind(this);
    const startAnew = this.startAnew.bind(this);
    this.repair = new LogRepair({ rooms, accept, startAnew }, repository, relay, logger);
  }

  close(): void {
    clearInterval(this.activityTimer);
    this.repair.close();
  }

  observe(observer: Partial<DeliveryObserver>): void {
    this.observers.push(observer);
  }

  /** Tells other nodes of entries that were committed here. Who joined may be connected anywhere. */
  publish(roomId: RoomId, entries: readonly Entry[]): void {
    this.relay.publish(roomId, entries, entries.some(isJoin));
    this.rooms.get(roomId)?.expect(entries);
  }

  /** Call right after the acknowledgement: its sender's socket gets the message with it where it is the room's next. */
  deliverOwn(viewer: Viewer, { roomId, seq }: Stored): void {
    const seat = this.seatsOf.get(viewer)?.get(roomId);
    if (seat?.live) this.rooms.get(roomId)?.deliverAhead(seat, seq);
  }

  /** Takes entries of one room that were committed, here or elsewhere. */
  accept(roomId: RoomId, entries: readonly Entry[]): void {
    const room = this.rooms.get(roomId);
    if (room !== undefined) this.advance(room, entries);
    for (const entry of entries) {
      if (entry.kind !== 'system') continue;
      for (const observer of this.observers) observer.changed?.(roomId);
      if (isJoin(entry)) {
        if (this.watchers.hasLeftSince(entry.userId, roomId, entry.seq)) continue;
        this.tellJoined(entry.userId, roomId, entry.seq);
        for (const observer of this.observers) observer.joined?.(roomId, entry.userId);
      } else if (endsMembership(entry)) {
        this.watchers.left(entry.userId, roomId, entry.seq);
        for (const observer of this.observers) observer.left?.(roomId, entry.userId);
      }
    }
  }

  /** First step of opening a room: from now on nothing is missed, and nothing is sent yet. */
  hold(viewer: Viewer, roomId: RoomId): Seat {
    const seats = this.seatsOf.get(viewer) ?? new Map<RoomId, Seat>();
    this.leave(viewer, roomId);
    if (seats.size >= OPEN_ROOMS_MAX) {
      throw new ChatError('invalid', { message: `at most ${OPEN_ROOMS_MAX} rooms may be open on one socket` });
    }
    const seat = new Seat(viewer, roomId);
    seats.set(roomId, seat);
    this.seatsOf.set(viewer, seats);
    this.room(roomId).seats.add(seat);
    return seat;
  }

  /**
   * Second step: the membership and the head that were read on the primary. Returns the head to answer with, which
   * is this node's own where it is ahead. Throws `not-member` where the membership ended in between.
   */
  locate(
    seat: Seat,
    { seq, historyEpoch }: Pick<Head, 'seq' | 'historyEpoch'>,
    { joinedSeq, hiddenUpTo }: Pick<Rights, 'joinedSeq' | 'hiddenUpTo'>,
  ): number {
    seat.joinedSeq = joinedSeq;
    this.assertSeated(seat);
    const room = this.room(seat.roomId);
    if (room.isReplaced(historyEpoch)) this.startAnew(room, seq, historyEpoch, seat);
    else room.start(seq, historyEpoch, hiddenUpTo > 0);
    seat.after = Math.max(seq, (room.next ?? 1) - 1);
    this.assertSeated(seat);
    return seat.after;
  }

  /** Everything after `after` up to `head`, if this node still has it in memory. */
  recent(roomId: RoomId, after: number, head: number): Entry[] | undefined {
    return this.rooms.get(roomId)?.recent(after, head);
  }

  /** Whether this socket views the room, or is about to. */
  isSeated(viewer: Viewer, roomId: RoomId): boolean {
    return this.seatsOf.get(viewer)?.has(roomId) ?? false;
  }

  /** The live sockets that view this room here. */
  *viewers(roomId: RoomId): Generator<Viewer> {
    for (const seat of this.rooms.get(roomId)?.seats ?? []) if (seat.live) yield seat.viewer;
  }

  /** The sockets of this person that watch their rooms from here. */
  watching(userId: UserId): Iterable<Viewer> {
    return this.watchers.of(userId);
  }

  /** How many messages there are up to this place, if this node has delivered it a moment ago. */
  ordinalAt(roomId: RoomId, seq: number): number | undefined {
    return this.rooms.get(roomId)?.ordinalAt(seq);
  }

  /** Rooms that somebody looks at from here. */
  viewedRooms(): RoomId[] {
    return [...this.rooms.values()].flatMap(({ roomId, seats }) => (seats.size > 0 ? [roomId] : []));
  }

  /** Last step, right after the answer was written: sends what was held and goes live. */
  release(seat: Seat): void {
    if (this.seatsOf.get(seat.viewer)?.get(seat.roomId) !== seat) return;
    const hidesHistory = this.rooms.get(seat.roomId)?.hidesHistory ?? false;
    metrics.entriesDelivered.inc(release(seat, seat.held, hidesHistory));
    seat.held = [];
    seat.live = true;
    for (const observer of this.observers) observer.viewed?.(seat.viewer, seat.roomId);
  }

  /** Call before the answer leaves: the room may have been closed, left, or opened once more in between. */
  assertSeated(seat: Seat): void {
    if (seat.evictedAt > (seat.joinedSeq ?? 0)) {
      throw new ChatError('not-member');
    }
    const given = this.seatsOf.get(seat.viewer)?.get(seat.roomId);
    if (seat.overflowed || given !== seat) throw new ChatError('overloaded', { retryAfterMs: 500 });
  }

  leave(viewer: Viewer, roomId: RoomId): void {
    const seat = this.seatsOf.get(viewer)?.get(roomId);
    if (seat !== undefined) this.unseat(seat);
  }

  /** The room is no longer viewed from this seat; a newer seat of the same socket stays. */
  unseat(seat: Seat): void {
    const seats = this.seatsOf.get(seat.viewer);
    if (seats?.get(seat.roomId) === seat) seats.delete(seat.roomId);
    const room = this.rooms.get(seat.roomId);
    room?.seats.delete(seat);
    if (room !== undefined) this.forgetUnused(room);
  }

  /** The socket is gone: nothing of it stays. */
  forget(viewer: Viewer): void {
    for (const roomId of this.seatsOf.get(viewer)?.keys() ?? []) this.leave(viewer, roomId);
    this.seatsOf.delete(viewer);
    if (!this.watchers.delete(viewer)) return;
    for (const room of this.rooms.values()) if (room.watchers.delete(viewer)) this.forgetUnused(room);
  }

  /** First step of watching, before the list of rooms is read: from now on nothing is missed. */
  startWatching(viewer: Viewer): void {
    this.watchers.add(viewer);
  }

  /** Last step: the socket is told of activity in these rooms, whose heads were just read on the primary. */
  watch(viewer: Viewer, rooms: readonly WatchedRoom[]): void {
    for (const { id, head, historyEpoch, history, joinedSeq } of rooms) {
      if (!this.watchers.believes(viewer, id, head)) continue;
      const room = this.room(id);
      room.watchers.set(viewer, joinedSeq);
      room.start(head, historyEpoch, history === 'joined');
    }
  }

  private room(roomId: RoomId): RoomDelivery {
    let room = this.rooms.get(roomId);
    if (room === undefined) {
      room = new RoomDelivery(roomId, {
        unseat: (seat) => this.unseat(seat),
        left: (userId, seq) => this.watchers.left(userId, roomId, seq),
        mentioned: (userId, seq) => this.tellMentioned(userId, roomId, seq),
        taken: (entry) => this.history.append(roomId, entry),
        due: (gathered) => this.due.add(gathered),
      });
      this.rooms.set(roomId, room);
      this.relay.serve(roomId);
      // what is committed elsewhere before the other nodes know
      this.repair.doubt(room);
      metrics.roomsServed.set(this.rooms.size);
    }
    return room;
  }

  private forgetUnused(room: RoomDelivery): void {
    if (room.used || this.rooms.get(room.roomId) !== room) return;
    this.rooms.delete(room.roomId);
    this.active.delete(room);
    this.repair.forget(room);
    this.relay.unserve(room.roomId);
    room.close();
    metrics.roomsServed.set(this.rooms.size);
  }

  /** History itself was replaced: what sockets and this node have is void. */
  private startAnew(room: RoomDelivery, head: number, historyEpoch: number, opening?: Seat): void {
    this.logger.error({ roomId: room.roomId, head, historyEpoch }, 'the history of a room was replaced');
    room.restart(head, historyEpoch);
    this.history.forget(room.roomId);
    for (const observer of this.observers) observer.replaced?.(room.roomId);
    const frame = new BroadcastFrame('room:reset', { roomId: room.roomId, historyEpoch });
    for (const seat of room.seats) {
      if (seat === opening) continue;
      if (seat.live) {
        this.unseat(seat);
        seat.viewer.send(frame);
      } else if (seat.joinedSeq !== undefined) {
        // its answer would be of the old history: it is refused, and asks again
        seat.overflowed = true;
        seat.held = [];
      }
    }
  }

  private advance(room: RoomDelivery, entries: readonly Entry[]): void {
    const before = room.next;
    room.accept(entries);
    if (room.next !== before && room.watchers.size > 0) this.active.add(room);
    if (room.next !== undefined && room.ahead > 0) this.repair.fillSoon(room);
    if (room.contradicted) this.repair.doubt(room);
    this.forgetUnused(room);
  }

  private tellJoined(userId: UserId, roomId: RoomId, seq: number): void {
    for (const viewer of this.watchers.of(userId)) {
      const room = this.room(roomId);
      room.watchers.set(viewer, seq);
      room.start(seq, 0);
      viewer.send(new BroadcastFrame('room:joined', { roomId }));
    }
  }

  private tellMentioned(userId: UserId, roomId: RoomId, seq: number): void {
    const room = this.rooms.get(roomId);
    for (const viewer of this.watchers.of(userId)) {
      if (room?.watchers.has(viewer)) viewer.send(new BroadcastFrame('room:mentioned', { roomId, seq }));
    }
  }

  /** Newest entry only, at most twice a second and room, to those who watch the room without viewing it. */
  private tellActivity(): void {
    for (const room of this.active) {
      const { last, roomId, newestHistory, changed } = room;
      if (last === undefined) continue;
      const place = { roomId, head: last.seq, ordinal: last.ordinal, changed };
      // most who watch a busy room view it, too: then there is nothing to encode
      let frame: BroadcastFrame | undefined;
      let concealing: BroadcastFrame | undefined;
      for (const [viewer, joinedSeq] of room.watchers) {
        if (this.seatsOf.get(viewer)?.has(roomId)) continue;
        const isHidden = room.hidesHistory && newestHistory !== null && newestHistory.seq < joinedSeq;
        viewer.send(
          isHidden
            ? (concealing ??= new BroadcastFrame('room:activity', { ...place, last: null }))
            : (frame ??= new BroadcastFrame('room:activity', { ...place, last: newestHistory })),
        );
      }
      room.changed = false;
      if (!room.gathering) this.active.delete(room);
    }
  }
}

const isJoin = (entry: Entry): boolean => entry.kind === 'system' && membershipAfter(entry.event) === 'in';
