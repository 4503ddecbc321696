import type { RoomId, Stored } from '@maru/contract';
import type { NewMessage, Rights } from './log-types.js';

const MAX_JOBS = 20_000;
/** New messages are refused while the oldest has waited longer than this, milliseconds. */
const MAX_AGE_MS = 2_000;

export interface Job {
  readonly message: NewMessage;
  readonly hash: string;
  readonly arrivedAt: number;
  readonly outcome: Promise<Stored>;
  readonly resolve: (stored: Stored) => void;
  readonly reject: (error: Error) => void;
  /** What the sender was allowed when it was asked for. */
  readonly rights: Rights;
  /** Rights epoch under which the sender is allowed to write. */
  epoch: number;
  rechecks: number;
  /** Goes into a transaction of its own, because one with others failed. */
  alone: boolean;
}

/** What waits for the writer, in arrival order; rooms whose rights are being checked again are parked, in order, too. */
export class WriterQueue {
  private jobs: Job[] = [];
  private start = 0;
  private readonly parkedRooms = new Map<RoomId, Job[]>();
  private parkedCount = 0;

  constructor(private readonly limit = MAX_JOBS) {}

  get size(): number {
    return this.jobs.length - this.start + this.parkedCount;
  }

  full(): boolean {
    const oldest = this.jobs[this.start];
    return this.size >= this.limit || (oldest !== undefined && performance.now() - oldest.arrivedAt > MAX_AGE_MS);
  }

  add(message: NewMessage, hash: string, rights: Rights): Job {
    const { promise: outcome, resolve, reject } = Promise.withResolvers<Stored>();
    const job = {
      message,
      hash,
      arrivedAt: performance.now(),
      outcome,
      resolve,
      reject,
      rights,
      epoch: rights.epoch,
      rechecks: 0,
      alone: false,
    };
    this.jobs.push(job);
    return job;
  }

  /** The next transaction. Rooms with a stale job are parked and returned: from it on, all their jobs wait there. */
  take(rows: number, bytes: number, isStale: (job: Job) => boolean): { jobs: Job[]; stale: Set<RoomId> } {
    const taken: Job[] = [];
    const stale = new Set<RoomId>();
    let size = 0;
    while (taken.length < rows && size < bytes) {
      const job = this.jobs[this.start];
      if (job === undefined || (job.alone && taken.length > 0)) break;
      this.start++;
      const { roomId, text } = job.message;
      if (this.parkedRooms.has(roomId) || isStale(job)) {
        if (!this.parkedRooms.has(roomId)) stale.add(roomId);
        this.park(roomId, job);
        continue;
      }
      taken.push(job);
      size += text.length * 3 + 200;
      if (job.alone) break;
    }
    if (this.start === this.jobs.length || this.start > 10_000) {
      this.jobs = this.jobs.slice(this.start);
      this.start = 0;
    }
    return { jobs: taken, stale };
  }

  /** Puts jobs of a failed transaction back to where they were: before all others. */
  putBack(jobs: readonly Job[]): void {
    this.jobs = [...jobs, ...this.jobs.slice(this.start)];
    this.start = 0;
  }

  /** Jobs that left the queue earlier than what may be parked by now wait before it. */
  parkFirst(roomId: RoomId, jobs: readonly Job[]): void {
    this.parkedRooms.set(roomId, [...jobs, ...(this.parkedRooms.get(roomId) ?? [])]);
    this.parkedCount += jobs.length;
  }

  parked(roomId: RoomId): readonly Job[] {
    return [...(this.parkedRooms.get(roomId) ?? [])];
  }

  /** Lets the room's jobs go on, in order, but for those that `keep` turns away; returns these. */
  unpark(roomId: RoomId, keep: (job: Job) => boolean): Job[] {
    const parked = this.parkedRooms.get(roomId) ?? [];
    this.parkedRooms.delete(roomId);
    this.parkedCount -= parked.length;
    this.putBack(parked.filter(keep));
    return parked.filter((job) => !keep(job));
  }

  private park(roomId: RoomId, job: Job): void {
    const parked = this.parkedRooms.get(roomId);
    if (parked === undefined) this.parkedRooms.set(roomId, [job]);
    else parked.push(job);
    this.parkedCount++;
  }
}
