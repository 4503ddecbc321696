import type { RoomId } from '@maru/contract';
import type { DedicatedConnection } from '@maru/database';
import { metrics } from '@maru/observability';
import {
  advanceStatement,
  countedHeads,
  countStatement,
  insertStatement,
  isElsewhere,
  type Placed,
  type RoomCount,
} from './commit-statements.js';
import { KnownHeads } from './known-heads.js';
import type { Head } from './log-types.js';
import type { Job } from './writer-queue.js';

/** What became of a batch. */
export interface Committed {
  /** On disk, room by room, in order. */
  placed: Placed[];
  /** Of rooms whose rights have changed since they were checked: not stored. */
  stale: Job[];
  createdAt: number;
  /** Heads that were read, undefined for rooms that do not exist; empty where all were as they were believed to be. */
  found: ReadonlyMap<RoomId, Head | undefined>;
}

interface RoomJobs extends RoomCount {
  jobs: readonly Job[];
}

/**
 * One transaction for a batch of messages. Where this node knows the heads of all its rooms it is one packet, which fails if
 * one of them has moved on; otherwise it is two: the first takes the row locks and learns the heads.
 */
export class GroupCommit {
  readonly known = new KnownHeads();
  /** COMMIT of the transaction that runs, or ran last, has been sent. */
  sent = false;

  constructor(private readonly connection: DedicatedConnection) {}

  /** Rejects with the driver's error; then a transaction may be open. */
  async store(jobs: readonly Job[]): Promise<Committed> {
    this.sent = false;
    await this.connection.connect();
    const rooms = [...Map.groupBy(jobs, (job) => job.message.roomId)].map(([roomId, ofRoom]) => ({
      roomId,
      jobs: ofRoom,
      epoch: Math.min(...ofRoom.map((job) => job.epoch)),
      count: ofRoom.length,
    }));
    const heads = this.known.of(rooms);
    const atOnce = heads && (await this.atOnce(rooms, heads));
    metrics.commits.inc({ heads: atOnce !== undefined ? 'known' : heads === undefined ? 'asked' : 'mistaken' });
    return atOnce ?? this.afterCounting(rooms);
  }

  /** Undefined where a room is elsewhere than it was believed to be: then nothing is stored. */
  private async atOnce(rooms: readonly RoomJobs[], heads: ReadonlyMap<RoomId, Head>): Promise<Committed | undefined> {
    const createdAt = Date.now();
    const after = rooms.map(({ roomId, count }) => advanced(heads.get(roomId) as Head, count));
    const placed = rooms.flatMap((room, i) => places(room, after[i] as Head));
    this.sent = true;
    try {
      await this.connection.query(`${advanceStatement(rooms, heads)}; ${insertStatement(placed, createdAt)}`);
    } catch (error) {
      if (!isElsewhere(error)) throw error;
      this.sent = false;
      await this.connection.query('ROLLBACK');
      return undefined;
    }
    for (const head of after) this.known.set(head);
    return { placed, stale: [], createdAt, found: new Map() };
  }

  private async afterCounting(rooms: readonly RoomJobs[]): Promise<Committed> {
    const heads = countedHeads(await this.connection.query(countStatement(rooms)));
    const found = new Map(rooms.map(({ roomId }) => [roomId, heads.get(roomId)]));
    const counted = rooms.filter(({ roomId, epoch }) => heads.get(roomId)?.rightsEpoch === epoch);
    const placed = counted.flatMap((room) => places(room, heads.get(room.roomId) as Head));
    const stale = rooms.filter((room) => !counted.includes(room)).flatMap(({ jobs }) => jobs);
    const createdAt = Date.now();
    if (placed.length === 0) await this.connection.query('ROLLBACK');
    else {
      this.sent = true;
      await this.connection.query(insertStatement(placed, createdAt));
    }
    for (const { roomId, count } of counted) {
      const head = heads.get(roomId) as Head;
      this.known.correct(head, count);
      this.known.set(head);
    }
    return { placed, stale, createdAt, found };
  }
}

const advanced = (head: Head, count: number): Head => ({
  ...head,
  seq: head.seq + count,
  ordinal: head.ordinal + count,
});

/** The jobs of a room in their places, up to its head after them. */
const places = ({ jobs, count }: RoomJobs, { seq, ordinal }: Head): Placed[] =>
  jobs.map((job, i) => ({ job, seq: seq - count + 1 + i, ordinal: ordinal - count + 1 + i }));
