import type { ReadCursor, RoomId, UserId } from '@maru/contract';
import { metrics, type Logger } from '@maru/observability';
import type { Database } from '@maru/database';
import type { Redis } from '@maru/redis';
import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';
import { CursorCache, type Moved } from './cursor-cache.js';
import type { Advanced, MemberChange, Reading, Snapshot, Step } from './cursor-types.js';
import { CursorsRepository } from './cursors.repository.js';
import { OwedCursors } from './owed-cursors.js';
import { WriteBack } from './write-back.js';

/** Of a generation that comes straight from the database while Redis is away. */
const FROM_DATABASE = 'database';
/** A room with more members than that is not counted anew for everybody who asks within SHARED_MS. */
const LARGE = 500;
const SHARED_MS = 500;

interface Shared {
  snapshot: Snapshot;
  at: number;
}

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
  private readonly shared = new Map<RoomId, Shared>();
  /** One failure is enough: the next second does without Redis, and does not wait for it. */
  private readonly breaker = circuitBreaker(handleAll, { halfOpenAfter: 1_000, breaker: new ConsecutiveBreaker(1) });

  constructor(redis: Redis, database: Database, logger: Logger) {
    this.cache = new CursorCache(redis);
    this.repository = new CursorsRepository(database);
    this.writeBack = new WriteBack(this.cache, this.repository, logger);
    this.owed = new OwedCursors(this.cache, this.repository, logger);
  }

  async close(): Promise<void> {
    await this.writeBack.close();
    await this.owed.close();
  }

  /** Moves the cursors of members forward; who is no member is left out. The caller has seen that no seq is past the head. */
  async advance(readings: readonly Reading[]): Promise<Advanced[]> {
    if (readings.length === 0) return [];
    metrics.cursorsAdvanced.inc(readings.length);
    let moved: Moved[];
    try {
      moved = await this.breaker.execute(() => this.advanceLoaded(readings));
    } catch {
      this.owed.add(readings);
      return readings.map((reading) => ({ reading, cursor: reading, step: undefined }));
    }
    return moved.flatMap(({ reading, cursor, step }) => (cursor === undefined ? [] : [{ reading, cursor, step }]));
  }

  /** One person's cursors as far as Redis knows them: where it knows nothing, what the database says counts. */
  async of(userId: UserId, rooms: readonly RoomId[]): Promise<Map<RoomId, ReadCursor>> {
    return this.breaker.execute(() => this.cache.of(userId, rooms)).catch(() => new Map());
  }

  /** How far this person has read this room. */
  async position(userId: UserId, roomId: RoomId): Promise<number> {
    const known = await this.of(userId, [roomId]);
    const [stored] = await this.repository.of([{ roomId, userId }]);
    return Math.max(known.get(roomId)?.seq ?? 0, stored?.seq ?? 0);
  }

  /** All members as they are at least after `membersSeq`, and how far they have read. Throws `unavailable`. */
  async snapshot(roomId: RoomId, membersSeq: number): Promise<Snapshot> {
    const known = this.shared.get(roomId);
    if (known !== undefined && known.snapshot.membersSeq >= membersSeq && performance.now() - known.at < SHARED_MS)
      return known.snapshot;
    this.shared.delete(roomId);
    const snapshot = await this.read(roomId, membersSeq);
    if (snapshot.cursors.size > LARGE) {
      this.shared.set(roomId, { snapshot, at: performance.now() });
      setTimeout(() => this.shared.delete(roomId), SHARED_MS).unref();
    }
    return snapshot;
  }

  /** Somebody came or went. Returns the steps that viewers are to be told. */
  async membersChanged(
    roomId: RoomId,
    before: number,
    after: number,
    changes: readonly MemberChange[],
  ): Promise<Step[]> {
    return this.breaker.execute(() => this.cache.changeMembers(roomId, before, after, changes)).catch(() => []);
  }

  /** History was replaced, or the room is gone. */
  async forget(roomId: RoomId): Promise<void> {
    await this.breaker.execute(() => this.cache.forget(roomId)).catch(() => {});
  }

  private async advanceLoaded(readings: readonly Reading[]): Promise<Moved[]> {
    const moved = await this.cache.advance(readings);
    const unknown = moved.filter(({ cursor }) => cursor === undefined).map(({ reading }) => reading);
    if (unknown.length === 0) return moved;
    await Promise.all([...new Set(unknown.map(({ roomId }) => roomId))].map((roomId) => this.fill(roomId)));
    return [...moved.filter(({ cursor }) => cursor !== undefined), ...(await this.cache.advance(unknown))];
  }

  private async read(roomId: RoomId, membersSeq: number): Promise<Snapshot> {
    try {
      return await this.breaker.execute(async () => {
        const found = await this.cache.snapshot(roomId);
        metrics.cacheReads.inc({ cache: 'cursors', outcome: found === undefined ? 'miss' : 'hit' });
        if (found !== undefined && found.membersSeq >= membersSeq) return found;
        await this.fill(roomId);
        const filled = await this.cache.snapshot(roomId);
        if (filled === undefined) throw new Error('the cursors of a room are gone again');
        return filled;
      });
    } catch {
      return this.fromDatabase(roomId);
    }
  }

  private async fromDatabase(roomId: RoomId): Promise<Snapshot> {
    const { membersSeq, members } = await this.repository.ofMembers(roomId);
    const cursors = new Map(members.map(({ userId, seq }) => [userId, seq]));
    for (const { userId, seq } of this.owed.of(roomId)) {
      const known = cursors.get(userId);
      if (known !== undefined && known < seq) cursors.set(userId, seq);
    }
    return { generation: FROM_DATABASE, version: 0, membersSeq, cursors };
  }

  /** One fill of a room at a time. */
  private fill(roomId: RoomId): Promise<void> {
    const running = this.filling.get(roomId);
    if (running !== undefined) return running;
    const filling = this.repository
      .ofMembers(roomId)
      .then((members) => this.cache.fill(roomId, members))
      .finally(() => this.filling.delete(roomId));
    this.filling.set(roomId, filling);
    return filling;
  }
}
