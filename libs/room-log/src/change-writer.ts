import { type Change, type ChangeEntry, ChatError, type Entry, type RoomId, type UserId } from '@maru/contract';
import { type Database, retryContention, type Transaction } from '@maru/database';
import { metrics } from '@maru/observability';
import pLimit from 'p-limit';
import { ChangesRepository, type Decided } from './changes.repository.js';
import type { LogRepository } from './log.repository.js';
import type { CommitListener, Rights, RightsSource } from './log-types.js';
import type { TargetMessage } from './target-message.js';

/** Changes of one transaction. */
const BATCH = 50;
const WAITING_MAX = 5_000;
/** Rooms whose changes are written at a time; the pool's other connections are for everybody else. */
const ROOMS_AT_ONCE = 3;

/** What somebody wants to make of a message. */
export interface ChangeRequest {
  roomId: RoomId;
  actorId: UserId;
  targetSeq: number;
  /**
   * Called under the room's row lock with the message as it is and the rights of the actor. Returns the change, or
   * undefined where the message is so already. Refuses by throwing ChatError.
   */
  decide(target: TargetMessage, rights: Rights): Change | undefined;
}

interface Job extends ChangeRequest {
  /** Seq of the change; null: nothing was to be done. */
  resolve: (seq: number | null) => void;
  reject: (error: unknown) => void;
}

/**
 * Changes messages. What is asked for in one room while a transaction for it runs goes together into the next one;
 * each transaction holds the room's row lock, reads rights and messages under it, decides, and appends.
 */
export class ChangeWriter {
  private readonly rooms = new Map<RoomId, Job[]>();
  private readonly changes = new ChangesRepository();
  private readonly inTurn = pLimit(ROOMS_AT_ONCE);
  private waiting = 0;
  private closed = false;
  private running = new Set<Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly repository: LogRepository,
    private readonly rights: RightsSource,
    private readonly committed: CommitListener,
  ) {}

  /**
   * Resolves once the change is on disk, with its seq, or with null where there was nothing to do. Rejects with
   * `not-member`, `not-found`, what `decide` threw, `overloaded`, `unavailable` or `unknown`.
   */
  request(change: ChangeRequest): Promise<number | null> {
    if (this.closed || this.waiting >= WAITING_MAX) {
      return Promise.reject(new ChatError('overloaded', { retryAfterMs: 1_000 }));
    }
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    const job = { ...change, resolve, reject };
    this.count(1);
    const queue = this.rooms.get(change.roomId);
    if (queue !== undefined) queue.push(job);
    else {
      this.rooms.set(change.roomId, [job]);
      const done = this.inTurn(() => this.drain(change.roomId)).finally(() => this.running.delete(done));
      this.running.add(done);
    }
    return promise;
  }

  /** Stores what waits, then ends. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.running);
  }

  private async drain(roomId: RoomId): Promise<void> {
    for (;;) {
      const jobs = this.rooms.get(roomId)?.splice(0, BATCH) ?? [];
      if (jobs.length === 0) break;
      try {
        await this.store(roomId, jobs);
      } catch (error) {
        for (const job of jobs) job.reject(error);
      }
      this.count(-jobs.length);
    }
    this.rooms.delete(roomId);
  }

  private async store(roomId: RoomId, jobs: readonly Job[]): Promise<void> {
    const { outcomes, entries } = await retryContention(() =>
      this.database.write((transaction) => this.writeIn(transaction, roomId, jobs)),
    );
    jobs.forEach((job, i) => {
      const outcome = outcomes[i];
      if (outcome instanceof ChatError) job.reject(outcome);
      else job.resolve(outcome?.seq ?? null);
    });
    metrics.changesStored.inc(entries.length);
    this.tell(roomId, entries);
  }

  /** Decides and writes under the room's row lock. An outcome for each job: its change, nothing to do, or why not. */
  private async writeIn(
    transaction: Transaction,
    roomId: RoomId,
    jobs: readonly Job[],
  ): Promise<{ outcomes: (ChatError | Decided | null)[]; entries: ChangeEntry[] }> {
    const head = await this.repository.lockHead(transaction, roomId);
    const actors = [...new Set(jobs.map(({ actorId }) => actorId))];
    const rights = await this.rights.rightsUnder(transaction, roomId, actors);
    const targets = await this.changes.load(transaction, roomId, jobs);
    const decided: Decided[] = [];
    const outcomes = jobs.map((job): ChatError | Decided | null => {
      try {
        const target = targets.get(job.targetSeq);
        const change = decide(job, target, rights.get(job.actorId));
        if (change === undefined || head === undefined || target === undefined) return null;
        const seq = head.seq + decided.length + 1;
        const made = { actorId: job.actorId, targetSeq: job.targetSeq, seq, change, before: target.text };
        target.apply(made);
        decided.push(made);
        return made;
      } catch (error) {
        if (error instanceof ChatError) return error;
        throw error;
      }
    });
    if (head === undefined || decided.length === 0) return { outcomes, entries: [] };
    await this.repository.raiseHead(transaction, head, decided.length);
    const entries = await this.changes.write(transaction, head, decided, targets);
    return { outcomes, entries };
  }

  private tell(roomId: RoomId, entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    this.committed.publish(roomId, entries);
    this.committed.accept(roomId, entries);
  }

  private count(more: number): void {
    this.waiting += more;
    metrics.changesQueue.set(this.waiting);
  }
}

function decide(
  job: ChangeRequest,
  target: TargetMessage | undefined,
  rights: Rights | ChatError | undefined,
): Change | undefined {
  if (rights === undefined) throw new ChatError('not-member');
  if (rights instanceof ChatError) throw rights;
  if (target === undefined || target.seq <= rights.hiddenUpTo) throw new ChatError('not-found');
  return job.decide(target, rights);
}
