import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@maru/observability';
import {
  type BaseOptions,
  type ConsumeOptions,
  Consumer,
  type Message,
  type MessagesStream,
} from '@platformatic/kafka';
import type { StreamEntry } from './event-stream.js';
import type { KafkaTopics } from './kafka-topics.js';
import { within } from './within.js';

/** Entries of one batch, and the least time between two: a busy stream is read in few large batches. */
const BATCH = 2_000;
const GATHER_MS = 150;
const FETCH_SIZE = 1_024 * 1_024;
const FETCH_WAIT_MS = 1_000;
/** A consumer that was silent for this long has died: its partitions go to the others. */
const SILENT_MS = 10_000;
const HEARTBEAT_MS = 1_000;
const AWAY_PAUSE_MS = 250;
const LEAVE_MS = 1_000;

type Entry = Message;
type Entries = MessagesStream<Buffer, Buffer, Buffer, Buffer>;

/**
 * One consumer of the group. How far it has come is committed after a batch is done, so whatever ends in between, each
 * entry is handed out again. Everything is built anew when the stream fails.
 */
export class KafkaReader {
  private readonly closing = new AbortController();
  private readonly running: Promise<void>;
  private consumer: Consumer | undefined;
  /** The group knows a consumer that lost its connection by this, and need not wait until it counts as dead. */
  private memberId: string | null = null;
  private wake = (): void => {};

  constructor(
    private readonly client: BaseOptions,
    private readonly topics: KafkaTopics,
    private readonly ready: () => Promise<void>,
    private readonly take: (entries: readonly StreamEntry[]) => Promise<void>,
    private readonly logger: Logger,
  ) {
    this.running = this.run();
  }

  /** Waits `batchMs` for the batch that is being handled; who does not wait for it gets it again. */
  async close(batchMs: number): Promise<void> {
    this.closing.abort();
    this.wake();
    await within(batchMs, this.running).catch(() => {});
    await this.leave();
  }

  private get closed(): boolean {
    return this.closing.signal.aborted;
  }

  private async run(): Promise<void> {
    while (!this.closed) {
      try {
        await this.ready();
        if (!this.closed) await this.readOn(await this.join());
      } catch (error) {
        if (!this.closed)
          this.logger.debug({ reason: (error as Error).message }, 'events could not be read; trying again');
      }
      await this.leave();
      await this.pause(AWAY_PAUSE_MS);
    }
  }

  private join(): Promise<Entries> {
    const consumer = new Consumer({ ...this.client, groupId: this.topics.group, retries: 3 });
    this.consumer = consumer;
    consumer.memberId = this.memberId;
    const options: ConsumeOptions<Buffer, Buffer, Buffer, Buffer> = {
      topics: [this.topics.events],
      autocommit: false,
      mode: 'committed',
      fallbackMode: 'earliest',
      sessionTimeout: SILENT_MS,
      rebalanceTimeout: SILENT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxBytes: FETCH_SIZE,
      maxWaitTime: FETCH_WAIT_MS,
      // nothing more is fetched while entries wait to be taken
      highWaterMark: 1,
    };
    return new Promise((resolve, reject) => {
      this.wake = () => this.closed && reject(new Error('closing'));
      consumer.on('error', reject);
      // with a promise an error that the new stream has at once would come before anyone listens
      consumer.consume(options, (error, stream) => {
        if (error !== null || stream === undefined) return reject(error ?? new Error('there is no stream'));
        stream.on('error', () => this.wake());
        stream.on('close', () => this.wake());
        stream.on('readable', () => this.wake());
        consumer.on('error', (failure: Error) => stream.destroy(failure));
        if (this.closed) stream.destroy();
        resolve(stream);
      });
    });
  }

  private async readOn(stream: Entries): Promise<void> {
    while (!this.closed) {
      if (stream.destroyed) throw stream.errored ?? new Error('the stream has ended');
      const started = performance.now();
      const batch = entriesOf(stream);
      if (batch.length === 0) {
        await new Promise<void>((resolve) => (this.wake = resolve));
        continue;
      }
      if (!(await this.done(batch))) return;
      await this.commit(batch);
      await this.pause(started + GATHER_MS - performance.now());
    }
  }

  /** Hands the batch out until it is done. */
  private async done(batch: readonly Entry[]): Promise<boolean> {
    const entries = batch.map(({ partition, offset, value, timestamp }) => ({
      id: `${partition}-${offset}`,
      text: String(value),
      addedAt: Number(timestamp),
    }));
    for (;;) {
      try {
        await this.take(entries);
        return true;
      } catch {
        if (this.closed) return false;
        await this.pause(AWAY_PAUSE_MS);
      }
    }
  }

  private async commit(batch: readonly Entry[]): Promise<void> {
    const next = new Map<number, { topic: string; partition: number; offset: bigint; leaderEpoch: number }>();
    for (const { topic, partition, offset, leaderEpoch } of batch) {
      next.set(partition, { topic, partition, offset: offset + 1n, leaderEpoch });
    }
    await this.consumer?.commit({ offsets: [...next.values()] });
  }

  private async leave(): Promise<void> {
    const consumer = this.consumer;
    if (consumer === undefined) return;
    this.consumer = undefined;
    this.memberId = consumer.memberId ?? this.memberId;
    await within(LEAVE_MS, consumer.close(true)).catch(() => {});
  }

  private async pause(ms: number): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, { signal: this.closing.signal }).catch(() => {});
  }
}

function entriesOf(stream: Entries): Entry[] {
  const batch: Entry[] = [];
  while (batch.length < BATCH) {
    const entry = stream.read() as Entry | null;
    if (entry === null) break;
    batch.push(entry);
  }
  return batch;
}
