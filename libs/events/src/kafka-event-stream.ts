import type { Logger } from '@maru/observability';
import type { BaseOptions } from '@platformatic/kafka';
import { type Backlog, BATCH_END_MS, type EventStream, type NewEntry, type StreamEntry } from './event-stream.js';
import { KafkaReader } from './kafka-reader.js';
import { KafkaTopics } from './kafka-topics.js';
import { KafkaWriter } from './kafka-writer.js';
import { within } from './within.js';

const ANSWER_MS = 3_000;
const READY_MS = 2_000;
const RETRY_MS = 250;
const METADATA_MS = 60_000;

export interface KafkaStreamOptions {
  brokers: readonly string[];
  /** Of this consumer; for the broker's logs. */
  consumer: string;
  keptMs: number;
  /** Of the topics: `maru.` stands before it. */
  name?: string;
}

/** One topic and one consumer group; a room's entries lie in one partition, in their order. */
export class KafkaEventStream implements EventStream {
  private readonly client: BaseOptions;
  private readonly topics: KafkaTopics;
  private readonly writer: KafkaWriter;
  private readonly asideWriter: KafkaWriter;
  private reader: KafkaReader | undefined;
  private made: Promise<void> | undefined;
  private stopped: Promise<void> | undefined;
  private ended: Promise<void> | undefined;

  constructor(
    { brokers, consumer, keptMs, name = 'events' }: KafkaStreamOptions,
    private readonly logger: Logger,
  ) {
    this.client = {
      clientId: consumer,
      bootstrapBrokers: [...brokers],
      timeout: ANSWER_MS,
      connectTimeout: ANSWER_MS,
      retries: 3,
      retryDelay: RETRY_MS,
      metadataMaxAge: METADATA_MS,
    };
    this.topics = new KafkaTopics(name, keptMs, this.client);
    this.writer = new KafkaWriter(this.client, true);
    this.asideWriter = new KafkaWriter(this.client, false);
  }

  async append(entries: readonly NewEntry[]): Promise<void> {
    const topic = this.topics.events;
    await this.send(
      this.writer,
      entries.map(({ key, text }) => ({ topic, key, value: text })),
    );
  }

  consume(take: (entries: readonly StreamEntry[]) => Promise<void>): void {
    // before it joins anew it looks anew: the topics may have gone
    const look = (): Promise<void> => {
      this.made = undefined;
      return this.ready();
    };
    this.reader = new KafkaReader(this.client, this.topics, look, take, this.logger);
  }

  async setAside({ id, text }: StreamEntry, reason: string): Promise<void> {
    const headers = { entry: id, reason };
    await this.send(this.asideWriter, [{ topic: this.topics.setAside, value: text, headers }]);
  }

  async backlog(): Promise<Backlog> {
    await this.ready();
    return within(READY_MS, this.topics.backlog());
  }

  async stop(): Promise<void> {
    this.stopped ??= this.reader?.close(BATCH_END_MS);
    await this.stopped;
  }

  close(): Promise<void> {
    return (this.ended ??= this.end());
  }

  private async end(): Promise<void> {
    await this.stop();
    await Promise.all([this.writer.close(), this.asideWriter.close()]);
    await within(RETRY_MS, this.topics.close()).catch(() => {});
  }

  private async send(writer: KafkaWriter, messages: Parameters<KafkaWriter['send']>[0]): Promise<void> {
    if (this.ended !== undefined) throw new Error('the event stream is closed');
    await this.ready();
    await writer.send(messages).catch((error: unknown) => {
      // the topics may have gone
      this.made = undefined;
      throw error;
    });
  }

  /** The topics are there. */
  private async ready(): Promise<void> {
    this.made ??= within(READY_MS, this.topics.make()).catch((error: unknown) => {
      this.made = undefined;
      throw error;
    });
    await this.made;
  }
}
