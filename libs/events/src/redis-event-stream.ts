import type { Logger } from '@maru/observability';
import { connectRedis, keys, LuaScript, type Redis } from '@maru/redis';
import { z } from 'zod';
import type { Backlog, EventStream, NewEntry, StreamEntry } from './event-stream.js';

const appendEntries = new LuaScript('append-entries', z.number(), new URL('../src/scripts/', import.meta.url));

const GROUP = 'maru';
const FIELD = 'event';
/** Entries of one batch, and the least time between two: a busy stream is read in few large batches. */
const BATCH = 2_000;
const GATHER_MS = 150;
/** How long one read waits for entries, and how long it may take at most, milliseconds. */
const BLOCK_MS = 1_000;
const READ_MS = 3_000;
const AWAY_PAUSE_MS = 250;
/** Every so often, entries of consumers that were silent for that long are taken over, and old entries are trimmed. */
const TEND_MS = 10_000;
const SILENT_MS = 60_000;
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
}

type Fields = string[] | null;
type Entries = [id: string, fields: Fields][];

/**
 * One Redis Stream and one consumer group. Entries that a consumer was given stay pending until they are done; those of
 * a consumer that is gone are claimed by another one (https://redis.io/docs/latest/develop/data-types/streams/).
 */
export class RedisEventStream implements EventStream {
  private readonly redis: Redis;
  private reader: Redis | undefined;
  private running: Promise<void> | undefined;
  private tender: NodeJS.Timeout | undefined;
  private closed = false;
  private readonly woken = Promise.withResolvers<void>();

  constructor(
    private readonly options: RedisStreamOptions,
    private readonly logger: Logger,
  ) {
    this.redis = connectRedis(options.url, logger, 'events');
  }

  async append(entries: readonly NewEntry[]): Promise<void> {
    const texts = entries.map(({ text }) => text);
    await appendEntries.run(this.redis, [keys.events], [this.options.keptEntries, ...texts]);
  }

  consume(take: (entries: readonly StreamEntry[]) => Promise<void>): void {
    this.reader = connectRedis(this.options.url, this.logger, 'event reader', READ_MS);
    this.running = this.run(this.reader, take);
    this.tender = setInterval(() => void this.trim().catch(() => {}), TEND_MS);
  }

  async setAside({ id, text }: StreamEntry, reason: string): Promise<void> {
    const limit = ['MAXLEN', '~', SET_ASIDE_MAX] as const;
    await this.redis.xadd(keys.eventsSetAside, ...limit, '*', FIELD, text, 'entry', id, 'reason', reason);
  }

  /** What was added less what was read is unread; what of it is not in the stream any more was trimmed. */
  async backlog(): Promise<Backlog> {
    const groups = (await this.redis.xinfo('GROUPS', keys.events)) as unknown[][];
    const stream = pairs((await this.redis.xinfo('STREAM', keys.events)) as unknown[]);
    const group = groups.map(pairs).find((one) => one.get('name') === GROUP);
    const unread = Math.max(0, Number(stream.get('entries-added')) - Number(group?.get('entries-read') ?? 0));
    return { unread, lost: Math.max(0, unread - Number(stream.get('length'))) };
  }

  async close(): Promise<void> {
    this.closed = true;
    this.woken.resolve();
    clearInterval(this.tender);
    this.reader?.disconnect();
    await this.running;
    this.redis.disconnect();
  }

  private async run(reader: Redis, take: (entries: readonly StreamEntry[]) => Promise<void>): Promise<void> {
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
        if (started - claimedAt > TEND_MS) {
          claimedAt = started;
          await this.take(await this.claim(), take);
          await this.forgetConsumers();
        }
        const entries = await this.read(reader, '>');
        await this.take(entries, take);
        if (entries.length > 0) await this.pause(started + GATHER_MS - performance.now());
      } catch (error) {
        if (this.closed) return;
        // the group went with the stream, or this consumer has entries that were not finished
        isNew = true;
        this.logger.debug({ reason: (error as Error).message }, 'events could not be read; trying again');
        await this.pause(AWAY_PAUSE_MS);
      }
    }
  }

  private async makeGroup(): Promise<void> {
    await this.redis.xgroup('CREATE', keys.events, GROUP, '0', 'MKSTREAM').catch((error: unknown) => {
      if (!(error instanceof Error) || !error.message.startsWith('BUSYGROUP')) throw error;
    });
  }

  /** From '>': what nobody was given yet. From '0': what this consumer was given and has not finished. */
  private async read(reader: Redis, from: '>' | '0'): Promise<Entries> {
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
      keys.events,
      from,
    );
    return answer?.[0]?.[1] ?? [];
  }

  private async claim(): Promise<Entries> {
    const { consumer } = this.options;
    const args = [keys.events, GROUP, consumer, SILENT_MS, '0', 'COUNT', BATCH] as const;
    const [, claimed] = (await this.redis.xautoclaim(...args)) as [string, Entries];
    return claimed;
  }

  private async take(entries: Entries, take: (entries: readonly StreamEntry[]) => Promise<void>): Promise<void> {
    if (entries.length === 0) return;
    // what was trimmed while it was pending has no fields any more
    await take(entries.flatMap(([id, fields]) => (fields === null ? [] : [{ id, text: fields[1] ?? '' }])));
    await this.redis.xack(keys.events, GROUP, ...entries.map(([id]) => id));
  }

  private async forgetConsumers(): Promise<void> {
    const consumers = ((await this.redis.xinfo('CONSUMERS', keys.events, GROUP)) as unknown[][]).map(pairs);
    for (const consumer of consumers) {
      if (Number(consumer.get('pending')) > 0 || Number(consumer.get('idle')) < FORGET_MS) continue;
      await this.redis.xgroup('DELCONSUMER', keys.events, GROUP, String(consumer.get('name')));
    }
  }

  private async trim(): Promise<void> {
    await this.redis.xtrim(keys.events, 'MINID', '~', Date.now() - this.options.keptMs);
  }

  private async pause(ms: number): Promise<void> {
    if (ms > 0) await Promise.race([new Promise((resolve) => setTimeout(resolve, ms)), this.woken.promise]);
  }
}

/** A flat list of names and values, as Redis answers XINFO. */
function pairs(flat: readonly unknown[]): Map<string, unknown> {
  const map = new Map<string, unknown>();
  for (let i = 0; i < flat.length; i += 2) map.set(String(flat[i]), flat[i + 1]);
  return map;
}
