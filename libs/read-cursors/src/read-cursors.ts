import type { ReadCursor, RoomId, UserId } from '@maru/contract';
import { metrics, type Logger } from '@maru/observability';
import type { Database } from '@maru/database';
import type { RedisClient } from '@maru/redis';
import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';
import { CursorCache, type Moved } from './cursor-cache.js';
import type { Advanced, MemberChange, Reading, Snapshot, Step, Version } from './cursor-types.js';
import { CursorsRepository } from './cursors.repository.js';
import { OwedCursors } from './owed-cursors.js';
import { WriteBack } from './write-back.js';

/** Of a generation that comes straight from the database while Redis is away. */
const FROM_DATABASE = 'database';
/** A room with more members than that is not counted anew for everybody who asks within SHARED_MS. */
const LARGE = 500;
const SHARED_MS = 500;
const FORGET_MS = 1_000;
const FILLS = 3;

/**
 * How far the members of rooms have read. Cursors move forward only. They live in Redis and are written back to the
 * database in bulk; while Redis is away they go straight there. A node that dies forgets at most what it was about to
 * tell Redis, and Redis at most what was not written back: a cursor may fall back by seconds, and is never ahead.
 */
export class ReadCursors {
  private readonly cache: CursorCache;
  private readonly repository: CursorsRepository;
  private readonly writeBack: WriteBack;
  private readonly owed: OwedCursors;
  private readonly filling = new Map<RoomId, Promise<void>>();
  private readonly reading = new Map<RoomId, Promise<Snapshot>>();
  private readonly shared = new Map<RoomId, Snapshot>();
  /** Rooms whose cursors do not count any more, as soon as Redis can be told; and whether what is unwritten does. */
  private readonly forgotten = new Map<RoomId, boolean>();
  private readonly forgetter: NodeJS.Timeout;
  /** One failure is enough: the next second does without Redis, and does not wait for it. */
  private readonly breaker = circuitBreaker(handleAll, { halfOpenAfter: 1_000, breaker: new ConsecutiveBreaker(1) });

  constructor(redis: RedisClient, database: Database, logger: Logger) {
    this.cache = new CursorCache(redis);
    this.repository = new CursorsRepository(database);
    this.writeBack = new WriteBack(this.cache, this.repository, logger);
    this.owed = new OwedCursors(this.cache, this.repository, logger);
    this.forgetter = setInterval(() => void this.forgetAll(), FORGET_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.forgetter);
    await this.writeBack.close();
    await this.owed.close();
  }

  /** Moves the cursors of members forward; who is no member is left out. The caller has seen that no seq is past the head. */
  async advance(readings: readonly Reading[]): Promise<Advanced[]> {
    if (readings.length === 0) return [];
    metrics.cursorsAdvanced.inc(readings.length);
    try {
      const moved = await this.advanceLoaded(readings);
      return moved.flatMap(({ reading, cursor, step }) => (cursor === undefined ? [] : [{ reading, cursor, step }]));
    } catch {
      // what was moved all the same nobody is told as a step: viewers notice by its version
      this.owed.add(readings);
      return readings.map((reading) => ({ reading, cursor: reading, step: undefined }));
    }
  }

  /** One person's cursors as far as Redis knows them: where it knows nothing, what the database says counts. */
  async of(userId: UserId, rooms: readonly RoomId[]): Promise<Map<RoomId, ReadCursor>> {
    return this.ask(() => this.cache.of(userId, rooms)).catch(() => new Map());
  }

  /** How far this person has read this room. */
  async position(userId: UserId, roomId: RoomId): Promise<number> {
    const known = await this.of(userId, [roomId]);
    const [stored] = await this.repository.of([{ roomId, userId }]);
    return Math.max(known.get(roomId)?.seq ?? 0, stored?.seq ?? 0);
  }

  /** All members as they are at least after `membersSeq` of this history, and how far they have read. Throws `unavailable`. */
  async snapshot(roomId: RoomId, wanted: SnapshotAge): Promise<Snapshot> {
    const known = this.shared.get(roomId);
    if (known !== undefined && isAsNew(known, wanted)) return known;
    const running = await this.reading.get(roomId)?.catch(() => undefined);
    if (running !== undefined && isAsNew(running, wanted)) return running;
    const reading = this.read(roomId, wanted).finally(() => {
      if (this.reading.get(roomId) === reading) this.reading.delete(roomId);
    });
    this.reading.set(roomId, reading);
    const snapshot = await reading;
    if (snapshot.cursors.size > LARGE) {
      this.shared.set(roomId, snapshot);
      setTimeout(() => this.shared.delete(roomId), SHARED_MS).unref();
    }
    return snapshot;
  }

  /** The newest step of each room. Rooms whose cursors are not loaded are left out. Rejects while Redis is away. */
  versions(rooms: readonly RoomId[]): Promise<Map<RoomId, Version>> {
    return this.ask(() => this.cache.versions(rooms));
  }

  /** Somebody came or went. Returns the steps that viewers are to be told. */
  async membersChanged(
    roomId: RoomId,
    before: number,
    after: number,
    changes: readonly MemberChange[],
  ): Promise<Step[]> {
    return this.ask(() => this.cache.changeMembers(roomId, before, after, changes)).catch(() => {
      // who went would go on counting
      void this.forget(roomId, false);
      return [];
    });
  }

  /** History was replaced, or the room is gone: once Redis is there, its cursors are loaded anew. */
  async forget(roomId: RoomId, unwritten = true): Promise<void> {
    this.forgotten.set(roomId, unwritten || (this.forgotten.get(roomId) ?? false));
    await this.forgetAll();
  }

  private async forgetAll(): Promise<void> {
    for (const [roomId, unwritten] of this.forgotten) {
      await this.ask(() => this.cache.forget(roomId, unwritten)).then(
        () => this.forgotten.delete(roomId),
        () => {},
      );
    }
  }

  private ask<T>(work: () => Promise<T>): Promise<T> {
    return this.breaker.execute(work);
  }

  /** Fills what is not loaded, and what was loaded before somebody became a member. */
  private async advanceLoaded(readings: readonly Reading[]): Promise<Moved[]> {
    let moved = await this.ask(() => this.cache.advance(readings));
    for (let tries = 1; tries <= FILLS; tries++) {
      const unknown = moved.filter(({ cursor }) => cursor === undefined).map(({ reading }) => reading);
      if (unknown.length === 0) break;
      await Promise.all(
        [...new Set(unknown.map(({ roomId }) => roomId))].map((roomId) => this.fill(roomId, tries > 1)),
      );
      const again = await this.ask(() => this.cache.advance(unknown));
      moved = [...moved.filter(({ cursor }) => cursor !== undefined), ...again];
    }
    return moved;
  }

  private async read(roomId: RoomId, wanted: SnapshotAge): Promise<Snapshot> {
    try {
      for (let tries = 0; tries <= FILLS; tries++) {
        const found = await this.ask(() => this.cache.snapshot(roomId));
        const isGood = found !== undefined && isAsNew(found, wanted);
        if (tries === 0) metrics.cacheReads.inc({ cache: 'cursors', outcome: isGood ? 'hit' : 'miss' });
        if (isGood) return found;
        if (found !== undefined && found.historyEpoch < wanted.historyEpoch) await this.forget(roomId);
        await this.fill(roomId, tries > 0);
      }
    } catch {
      // Redis is away
    }
    return this.fromDatabase(roomId);
  }

  private async fromDatabase(roomId: RoomId): Promise<Snapshot> {
    const { membersSeq, historyEpoch, members } = await this.repository.ofMembers(roomId);
    const cursors = new Map(members.map(({ userId, seq }) => [userId, seq]));
    for (const { userId, seq } of this.owed.of(roomId)) {
      const known = cursors.get(userId);
      if (known !== undefined && known < seq) cursors.set(userId, seq);
    }
    return { generation: FROM_DATABASE, version: 0, membersSeq, historyEpoch, cursors };
  }

  /** One fill of a room at a time. `anew`: not one that has begun already. */
  private async fill(roomId: RoomId, anew: boolean): Promise<void> {
    const running = this.filling.get(roomId);
    if (running !== undefined && !anew) return running;
    await running?.catch(() => {});
    const begun = this.filling.get(roomId);
    if (begun !== undefined) return begun;
    const filling = this.load(roomId).finally(() => this.filling.delete(roomId));
    this.filling.set(roomId, filling);
    return filling;
  }

  private async load(roomId: RoomId): Promise<void> {
    for (let tries = 1; tries <= FILLS; tries++) {
      const settled = await this.ask(() => this.cache.settled(roomId));
      const members = await this.repository.ofMembers(roomId);
      if (await this.ask(() => this.cache.fill(roomId, members, settled))) return;
    }
    throw new Error('the cursors of a room are written back faster than they are loaded');
  }
}

/** How new a snapshot must be at least. */
export interface SnapshotAge {
  membersSeq: number;
  historyEpoch: number;
}

const isAsNew = (found: SnapshotAge, wanted: SnapshotAge): boolean =>
  found.membersSeq >= wanted.membersSeq && found.historyEpoch >= wanted.historyEpoch;
