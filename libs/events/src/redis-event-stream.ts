import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@maru/observability';
import { connectRedis, keys, LuaScript, type RedisClient } from '@maru/redis';
import { z } from 'zod';
import { type Backlog, BATCH_END_MS, type EventStream, type NewEntry, type StreamEntry } from './event-stream.js';
import { within } from './within.js';

const appendEntries = new LuaScript('append-entries', z.number(), new URL('../src/scripts/', import.meta.url));

const GROUP = 'maru';
const FIELD = 'event';
/** Entries of one batch, and the least time between two: a busy stream is read in few large batches. */
const BATCH = 2_000;
const GATHER_MS = 500;
/** How long one read waits for entries, and how long it may take at most, milliseconds. */
const BLOCK_MS = 1_000;
const READ_MS = 3_000;
const AWAY_PAUSE_MS = 250;
const SILENT_MS = 60_000;
/** Every so often, entries of consumers that were silent are taken over, and old entries are trimmed. */
const TEND_MS = 10_000;
/** A consumer without entries that was silent for this long is forgotten. */
const FORGET_MS = 3_600_000;
const SET_ASIDE_MAX = 10_000;

export interface RedisStreamOptions {
  url: string;
  /** Of this consumer; one that starts again under its name gets its own unfinished entries first. */
  consumer: string;
  /** About how many entries are kept, and for how long. */
  keptEntries: number;
  keptMs: number;
  /** Entries of a consumer that was silent for this long are taken over, milliseconds. */
  silentMs?: number;
  name?: string;
}

type Fields = string[] | null;
type Entries = [id: string, fields: Fields][];

/**
 * One Redis Stream and one consumer group. Entries that a consumer was given stay pending until they are done; those of
 * a consumer that is gone are claimed by another one (https://redis.io/docs/latest/develop/data-types/streams/).
 */
export class RedisEventStream implements EventStream {
  private readonly redis: RedisClient;
  private reader: RedisClient | undefined;
  private running: Promise<void> | undefined;
  private tender: NodeJS.Timeout | undefined;
  private ended: Promise<void> | undefined;
  private readonly closing = new AbortController();
  private readonly key: string;
  private readonly setAsideKey: string;
  private readonly silentMs: number;
  private readonly tendMs: number;

  constructor(
    private readonly options: RedisStreamOptions,
    private readonly logger: Logger,
  ) {
    const { name = 'events', silentMs = SILENT_MS } = options;
    this.key = keys.stream(name);
    this.setAsideKey = keys.setAside(name);
    this.silentMs = silentMs;
    this.tendMs = Math.min(TEND_MS, silentMs);
    this.redis = connectRedis(options.url, logger, 'events');
  }

  async append(entries: readonly NewEntry[]): Promise<void> {
    const texts = entries.map(({ text }) => text);
    await appendEntries.run(this.redis, [this.key], [this.options.keptEntries, ...texts]);
  }

  consume(take: (entries: readonly StreamEntry[]) => Promise<void>): void {
    this.reader = connectRedis(this.options.url, this.logger, 'event reader', READ_MS);
    this.running = this.run(this.reader, take);
    this.tender = setInterval(() => void this.trim().catch(() => {}), this.tendMs);
  }

  async setAside({ id, text }: StreamEntry, reason: string): Promise<void> {
    const limit = ['MAXLEN', '~', SET_ASIDE_MAX] as const;
    await this.redis.xadd(this.setAsideKey, ...limit, '*', FIELD, text, 'entry', id, 'reason', reason);
  }

  /** What was added less what was read is unread; what of it is not in the stream any more was trimmed. */
  async backlog(): Promise<Backlog> {
    const groups = (await this.redis.xinfo('GROUPS', this.key)) as unknown[][];
    const stream = pairs((await this.redis.xinfo('STREAM', this.key)) as unknown[]);
    const group = groups.map(pairs).find((one) => one.get('name') === GROUP);
    const unread = Math.max(0, Number(stream.get('entries-added')) - Number(group?.get('entries-read') ?? 0));
    return { unread, lost: Math.max(0, unread - Number(stream.get('length'))) };
  }

  stop(): Promise<void> {
    return (this.ended ??= this.end());
  }

  async close(): Promise<void> {
    await this.stop();
    this.redis.disconnect();
  }

  private async end(): Promise<void> {
    this.closing.abort();
    clearInterval(this.tender);
    this.reader?.disconnect();
    if (this.running !== undefined) await within(BATCH_END_MS, this.running).catch(() => {});
  }

  private get closed(): boolean {
    return this.closing.signal.aborted;
  }

  private async run(reader: RedisClient, take: (entries: readonly StreamEntry[]) => Promise<void>): Promise<void> {
    let claimedAt = Number.NEGATIVE_INFINITY;
    let isNew = true;
    while (!this.closed) {
      const started = performance.now();
      try {
        if (isNew) {
          await this.makeGroup();
          await this.take(await this.read(reader, '0'), take);
          isNew = false;
        }
        if (started - claimedAt > this.tendMs) {
          claimedAt = started;
          await this.take(await this.claim(), take);
          await this.forgetConsumers();
        }
        const count = await this.takeNew(reader, take);
        if (count > 0) await this.pause(started + GATHER_MS - performance.now());
      } catch (error) {
        if (this.closed) return;
        // the group went with the stream, or this consumer has entries that were not finished
        isNew = true;
        this.logger.debug({ reason: (error as Error).message }, 'events could not be read; trying again');
        await this.pause(AWAY_PAUSE_MS);
      }
    }
  }

  /** A function of its own: what the loop has held once, it would hold until the next batch is there. */
  private async takeNew(
    reader: RedisClient,
    take: (entries: readonly StreamEntry[]) => Promise<void>,
  ): Promise<number> {
    const entries = await this.read(reader, '>');
    await this.take(entries, take);
    return entries.length;
  }

  private async makeGroup(): Promise<void> {
    await this.redis.xgroup('CREATE', this.key, GROUP, '0', 'MKSTREAM').catch((error: unknown) => {
      if (!(error instanceof Error) || !error.message.startsWith('BUSYGROUP')) throw error;
    });
  }

  /** From '>': what nobody was given yet. From '0': what this consumer was given and has not finished. */
  private async read(reader: RedisClient, from: '>' | '0'): Promise<Entries> {
    const { consumer } = this.options;
    const answer = await reader.xreadgroup(
      'GROUP',
      GROUP,
      consumer,
      'COUNT',
      BATCH,
      'BLOCK',
      BLOCK_MS,
      'STREAMS',
      this.key,
      from,
    );
    return answer?.[0]?.[1] ?? [];
  }

  private async claim(): Promise<Entries> {
    const { consumer } = this.options;
    const args = [this.key, GROUP, consumer, this.silentMs, '0', 'COUNT', BATCH] as const;
    const [, claimed] = (await this.redis.xautoclaim(...args)) as [string, Entries];
    return claimed;
  }

  private async take(entries: Entries, take: (entries: readonly StreamEntry[]) => Promise<void>): Promise<void> {
    if (entries.length === 0) return;
    // what was trimmed while it was pending has no fields any more
    const addedAt = (id: string): number => Number.parseInt(id, 10);
    await take(
      entries.flatMap(([id, fields]) => (fields === null ? [] : [{ id, text: fields[1] ?? '', addedAt: addedAt(id) }])),
    );
    await this.redis.xack(this.key, GROUP, ...entries.map(([id]) => id));
  }

  private async forgetConsumers(): Promise<void> {
    const consumers = ((await this.redis.xinfo('CONSUMERS', this.key, GROUP)) as unknown[][]).map(pairs);
    for (const consumer of consumers) {
      if (Number(consumer.get('pending')) > 0 || Number(consumer.get('idle')) < FORGET_MS) continue;
      await this.redis.xgroup('DELCONSUMER', this.key, GROUP, String(consumer.get('name')));
    }
  }

  private async trim(): Promise<void> {
    await this.redis.xtrim(this.key, 'MINID', '~', Date.now() - this.options.keptMs);
  }

  private async pause(ms: number): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, { signal: this.closing.signal }).catch(() => {});
  }
}

/** A flat list of names and values, as Redis answers XINFO. */
function pairs(flat: readonly unknown[]): Map<string, unknown> {
  const map = new Map<string, unknown>();
  for (let i = 0; i < flat.length; i += 2) map.set(String(flat[i]), flat[i + 1]);
  return map;
}
