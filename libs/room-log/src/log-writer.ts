import { ChatError, type Entry, type Message, type RoomId, type Stored } from '@maru/contract';
import { isAway, isContention, isDuplicate, type DedicatedConnection } from '@maru/database';
import { metrics, type Logger } from '@maru/observability';
import { Announcer } from './announcer.js';
import { freeRooms, freeRoomsStatement, type Placed } from './commit-statements.js';
import { GroupCommit } from './group-commit.js';
import { contentHash, sameContent, type LogRepository } from './log.repository.js';
import type { CommitListener, NewMessage, Rights, RightsSource, StoredMessage } from './log-types.js';
import { Recent } from './recent.js';
import { WriterQueue, type Job } from './writer-queue.js';

/** Rows and bytes of one transaction. */
const BATCH_ROWS = 500;
const BATCH_BYTES = 2 * 1024 * 1024;
/**
 * Transactions begin at least so far apart, milliseconds, and farther where only a few messages wait: one costs all sides
 * as much as a dozen of its rows.
 */
const APART_MS = 3;
const FEW_APART_MS = 5;
const FEW_ROWS = 10;
/** A message that could not be stored this long after it arrived is refused, milliseconds. */
const SEND_DEADLINE_MS = 5_000;
const RETRY_MS = 100;
/** A room whose row is held by somebody else is left alone for this long, milliseconds. */
const LOCKED_MS = 250;
/** How often the rights of one message are checked anew before it is refused. */
const MAX_RECHECKS = 5;

/**
 * Group commit. Messages that arrive while a transaction is under way go together into the next one: under light
 * load a message costs one commit, under heavy load a commit carries hundreds. It writes at once when the last commit is a
 * moment ago, else then, or when the running commit returns. A message is acknowledged only after its row is committed.
 */
export class LogWriter {
  private readonly queue = new WriterQueue();
  /**
   * Messages of this node that wait: a resend shares their answer. One that comes later meets the row in the table. No Map,
   * whose discarded tables, which V8 keeps until the next full collection, would keep half of all that ever waited.
   */
  private readonly waiting: Record<string, Job> = Object.create(null);
  /** Newest rights epochs this node has met. One that is forgotten is caught by the transaction itself. */
  private readonly epochs = new Recent<RoomId, number>(600_000, 50_000);
  private readonly announcer: Announcer;
  private readonly commit: GroupCommit;
  private busy = false;
  private beganAt = Number.NEGATIVE_INFINITY;
  private pause: NodeJS.Timeout | undefined;
  private closed = false;
  private idle: (() => void) | undefined;

  constructor(
    private readonly connection: DedicatedConnection,
    private readonly repository: LogRepository,
    private readonly rights: RightsSource,
    /** Told after the acknowledgements. */
    committed: CommitListener,
    private readonly logger: Logger,
  ) {
    this.announcer = new Announcer(committed);
    this.commit = new GroupCommit(connection);
    metrics.writerQueue.readsFrom(() => this.queue.size);
    metrics.announcementsWaiting.readsFrom(() => this.announcer.waiting);
  }

  /** The answer of a message that is waiting here. Rejects with `conflict` for another text. */
  recall(message: NewMessage): Promise<Stored> | undefined {
    const job = this.waiting[message.key];
    return job?.outcome.then((stored) => sameContent({ stored, hash: job.hash }, hashOf(message)));
  }

  /**
   * Resolves once the message is on disk. Rejects with `overloaded` (nothing stored), `not-member`, `conflict`, or
   * `unknown` when the connection was lost after COMMIT was sent.
   */
  append(message: NewMessage, rights: Rights): Promise<Stored> {
    const same = this.recall(message);
    if (same !== undefined) return same;
    if (this.closed || this.queue.full() || this.announcer.full()) {
      metrics.writerRefusals.inc({ code: 'overloaded' });
      return Promise.reject(new ChatError('overloaded', { retryAfterMs: 1_000 }));
    }
    this.raiseEpoch(message.roomId, rights.epoch);
    const job = this.queue.add(message, hashOf(message), rights);
    this.waiting[message.key] = job;
    this.pump();
    return job.outcome;
  }

  /** Something took rights away in this room: rows that were checked earlier are checked again. */
  raiseEpoch(roomId: RoomId, epoch: number): void {
    if (epoch > this.newestEpoch(roomId)) this.epochs.set(roomId, epoch);
  }

  /** Entries of any kind were committed on this node. */
  noteCommitted(roomId: RoomId, entries: readonly Entry[]): void {
    this.commit.known.committed(roomId, entries);
  }

  /** A room that was missing when it was last counted in may be back with any epoch. */
  private metEpoch(roomId: RoomId, epoch: number): void {
    if (this.newestEpoch(roomId) === Number.MAX_SAFE_INTEGER) this.epochs.set(roomId, epoch);
    else this.raiseEpoch(roomId, epoch);
  }

  newestEpoch(roomId: RoomId): number {
    return this.epochs.get(roomId) ?? 0;
  }

  /** Stores what waits, then ends. Resolves when nothing is left and everyone was told. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.busy || this.queue.size > 0) await new Promise<void>((resolve) => (this.idle = resolve));
    await this.announcer.idle();
    this.connection.close();
  }

  private pump(): void {
    if (this.busy) return;
    if (this.queue.size === 0) return this.idle?.();
    const apartMs = this.queue.size < FEW_ROWS ? FEW_APART_MS : APART_MS;
    const waitMs = this.beganAt + apartMs - performance.now();
    if (waitMs > 0) {
      this.pause ??= setTimeout(() => {
        this.pause = undefined;
        this.pump();
      }, waitMs);
      return;
    }
    clearTimeout(this.pause);
    this.pause = undefined;
    const batch = this.queue.take(BATCH_ROWS, BATCH_BYTES, (job) => job.epoch < this.newestEpoch(job.message.roomId));
    for (const roomId of batch.stale) void this.recheck(roomId);
    if (batch.jobs.length === 0) return;
    this.busy = true;
    this.beganAt = performance.now();
    void this.store(batch.jobs).then((done) => {
      this.busy = false;
      this.pump();
      done();
    });
  }

  /** Returns what is left to do once the next transaction is on its way: answer everyone, then tell everyone. */
  private async store(jobs: Job[]): Promise<() => void> {
    const started = performance.now();
    metrics.writerQueueAge.observe((started - Math.min(...jobs.map((job) => job.arrivedAt))) / 1_000);
    try {
      const { placed, stale, createdAt, found } = await this.commit.store(jobs);
      if (placed.length > 0) {
        metrics.commitSeconds.observe((performance.now() - started) / 1_000);
        metrics.commitRows.observe(placed.length);
        metrics.messagesStored.inc(placed.length);
      }
      // of a room that does not exist nothing counts any more
      for (const [roomId, head] of found) this.raiseEpoch(roomId, head?.rightsEpoch ?? Number.MAX_SAFE_INTEGER);
      if (stale.length > 0) this.park(stale);
      return () => this.tell(placed, createdAt);
    } catch (error) {
      return this.recover(jobs, error, this.commit.sent);
    }
  }

  /** Acknowledges the whole batch first; the fan-out follows when those answers are on their way. */
  private tell(placed: readonly Placed[], createdAt: number): void {
    const entries: Message[] = [];
    for (const { job, seq, ordinal } of placed) {
      const { roomId, id, senderId, text, replyTo, mentions } = job.message;
      this.answer(job, { stored: { roomId, id, seq, ordinal, createdAt }, hash: job.hash });
      entries.push({
        kind: 'message',
        roomId,
        seq,
        ordinal,
        createdAt,
        id,
        senderId,
        text,
        ...(replyTo === undefined ? {} : { replyTo }),
        ...(mentions.length === 0 ? {} : { mentions: [...mentions] }),
      });
    }
    this.announcer.announce(entries);
  }

  private answer(job: Job, found: StoredMessage): void {
    if (found.hash !== job.hash) return this.refuse(job, new ChatError('conflict'));
    job.resolve(found.stored);
    delete this.waiting[job.message.key];
  }

  private refuse(job: Job, error: ChatError): void {
    metrics.writerRefusals.inc({ code: error.code });
    delete this.waiting[job.message.key];
    job.reject(error);
  }

  /**
   * Nothing of this batch was acknowledged. If a ROLLBACK is answered, or COMMIT was never sent, what is not found
   * on the primary is not stored, and is tried again. Otherwise what is not found may still appear: `unknown`.
   */
  private async recover(jobs: Job[], error: unknown, commitSent: boolean): Promise<() => void> {
    const ended = await this.connection.query('ROLLBACK').then(
      () => true,
      () => false,
    );
    if (!ended) this.connection.destroy();
    const inDoubt = commitSent && !ended;
    if (!isDuplicate(error))
      this.logger.warn({ err: error, rows: jobs.length, inDoubt }, 'a transaction of the log failed');

    let found = new Map<string, StoredMessage>();
    if (commitSent) {
      try {
        found = await this.repository.stored(jobs.map((job) => job.message));
      } catch {
        const code = inDoubt ? 'unknown' : 'overloaded';
        return () => jobs.forEach((job) => this.refuse(job, new ChatError(code, { retryAfterMs: 1_000 })));
      }
    }
    const absent = jobs.filter((job) => !found.has(job.message.key));
    // a duplicate that is not in the table is one within the batch: like any other row that spoils it, it is found alone
    const explained = isAway(error) || isContention(error) || (isDuplicate(error) && found.size > 0);
    const answers = (): void => {
      for (const job of jobs) {
        const known = found.get(job.message.key);
        if (known !== undefined) this.answer(job, known);
        else if (inDoubt) this.refuse(job, new ChatError('unknown', { retryAfterMs: RETRY_MS }));
      }
    };
    if (!inDoubt) {
      const free = ended && isContention(error) ? await this.setLockedAside(absent) : absent;
      await this.retry(free, error, !explained);
    }
    return answers;
  }

  /** Rooms whose row somebody else holds wait by themselves for a while; returns what need not wait for them. */
  private async setLockedAside(jobs: readonly Job[]): Promise<Job[]> {
    const byRoom = Map.groupBy(jobs, (job) => job.message.roomId);
    const free = await this.connection.query(freeRoomsStatement([...byRoom.keys()])).then(freeRooms, () => undefined);
    if (free === undefined) return [...jobs];
    for (const [roomId, ofRoom] of byRoom) {
      if (free.has(roomId)) continue;
      this.queue.parkFirst(roomId, ofRoom);
      setTimeout(() => this.unpark(roomId), LOCKED_MS);
    }
    return jobs.filter((job) => free.has(job.message.roomId));
  }

  private unpark(roomId: RoomId): void {
    const oldest = performance.now() - SEND_DEADLINE_MS;
    const late = this.queue.unpark(roomId, (job) => job.arrivedAt >= oldest);
    for (const job of late) this.refuse(job, new ChatError('overloaded', { retryAfterMs: 1_000 }));
    this.pump();
  }

  /** Puts back what was not stored, in order; a row that spoils its batch is found by trying alone. */
  private async retry(jobs: Job[], error: unknown, poisoned: boolean): Promise<void> {
    const now = performance.now();
    const [late, again] = [
      jobs.filter((job) => now - job.arrivedAt > SEND_DEADLINE_MS),
      jobs.filter((job) => now - job.arrivedAt <= SEND_DEADLINE_MS),
    ];
    for (const job of late) this.refuse(job, new ChatError('overloaded', { retryAfterMs: 1_000 }));
    if (poisoned && again.length === 1 && again[0]?.alone) {
      this.refuse(again[0], new ChatError('internal', { cause: error }));
      return;
    }
    if (poisoned) for (const job of again) job.alone = true;
    this.queue.putBack(again);
    if (isAway(error)) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }

  private park(stale: Job[]): void {
    for (const [roomId, ofRoom] of Map.groupBy(stale, (job) => job.message.roomId)) {
      this.queue.parkFirst(roomId, ofRoom);
      void this.recheck(roomId);
    }
  }

  /** The room's whole queue waits, in order, until the primary has said who may still write. Neighbours go on. */
  private async recheck(roomId: RoomId): Promise<void> {
    const parked = this.queue.parked(roomId);
    if (parked.length === 0) return;
    const senders = [...new Set(parked.map((job) => job.message.senderId))];
    try {
      const rights = await this.rights.freshRights(roomId, senders);
      const first = [...rights.values()].find((mine): mine is Rights => !(mine instanceof ChatError));
      if (first !== undefined) this.metEpoch(roomId, first.epoch);
      const refused: Job[] = [];
      for (const job of parked) {
        const mine = rights.get(job.message.senderId);
        if (mine === undefined || mine instanceof ChatError || ++job.rechecks > MAX_RECHECKS) refused.push(job);
        // what was asked under other conditions is asked once more from the start
        else if (mine.slowModeSeconds !== job.rights.slowModeSeconds || mine.hiddenUpTo !== job.rights.hiddenUpTo)
          refused.push(job);
        else job.epoch = mine.epoch;
      }
      const stored = await this.repository.stored(refused.map((job) => job.message));
      this.queue.unpark(roomId, (job) => !refused.includes(job));
      for (const job of refused) {
        const known = stored.get(job.message.key);
        if (known !== undefined) this.answer(job, known);
        else this.refuse(job, whyNot(rights.get(job.message.senderId)));
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'rights could not be checked');
      for (const job of this.queue.unpark(roomId, () => false)) {
        this.refuse(job, new ChatError('overloaded', { retryAfterMs: 1_000 }));
      }
    }
    this.pump();
  }
}

const hashOf = ({ text, replyTo }: NewMessage): string => contentHash(text, replyTo);

function whyNot(rights: Rights | ChatError | undefined): ChatError {
  if (rights instanceof ChatError) return rights;
  return rights === undefined ? new ChatError('not-member') : new ChatError('overloaded', { retryAfterMs: RETRY_MS });
}
