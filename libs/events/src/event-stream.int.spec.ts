import { ChatError, type RoomId, type UserId } from '@maru/contract';
import { createLogger, metrics } from '@maru/observability';
import { connectRedis, keys } from '@maru/redis';
import { type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload } from '@nestjs/microservices';
import { Admin, Consumer, stringDeserializers } from '@platformatic/kafka';
import { uuidv7 } from 'uuidv7';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createEventStream } from './create-event-stream.js';
import { EventConsumer, type EventHandler } from './event-consumer.js';
import { type DomainEvent, type EventMap, eventText } from './event-map.js';
import { EventListener, EventServer } from './event-server.js';
import type { EventStream, StreamEntry } from './event-stream.js';

type Driver = 'redis' | 'kafka';
type Take = (entries: readonly StreamEntry[]) => Promise<void>;

const HOUR_MS = 3_600_000;
const logger = createLogger({ level: 'silent', node: 'test' });
const until = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 20_000, interval: 10 });
const never = new Promise<never>(() => {});
let names = 0;
const newName = (): string => `test-${process.pid}-${names++}`;

const changed = (seq: number, roomId = uuidv7() as RoomId): DomainEvent => ({
  name: 'message.changed',
  data: { roomId, seq, targetSeq: 1, actorId: uuidv7() as UserId, type: 'pinned' },
});
const append = (stream: EventStream, events: readonly DomainEvent[]): Promise<void> =>
  until(() => stream.append(events.map((event) => ({ key: event.data.roomId, text: eventText(event) }))));
const seqsOf = (entries: readonly StreamEntry[]): number[] =>
  entries.map(({ text }) => (JSON.parse(text) as DomainEvent).data.seq);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const total = async (metric: { get: () => Promise<{ values: { value: number }[] }> }): Promise<number> =>
  (await metric.get()).values[0]?.value ?? 0;

function open(driver: Driver, name: string, consumer = newName(), keptEntries = 100_000): EventStream {
  const common = { name, consumer, keptMs: HOUR_MS };
  const url = process.env['TEST_REDIS_URL'] as string;
  const brokers = (process.env['TEST_KAFKA_BROKERS'] as string).split(',');
  const stream =
    driver === 'redis'
      ? createEventStream({ driver, ...common, url, keptEntries, silentMs: 300 }, logger)
      : createEventStream({ driver, ...common, brokers }, logger);
  onTestFinished(() => stream.close());
  return stream;
}

/** Collects what the stream hands out. */
function reading(stream: EventStream, take: Take = async () => {}): { seqs: () => number[]; addedAt: () => number[] } {
  const got: StreamEntry[] = [];
  stream.consume(async (entries) => {
    got.push(...entries);
    await take(entries);
  });
  return { seqs: () => seqsOf(got), addedAt: () => got.map(({ addedAt }) => addedAt) };
}

function consuming(stream: EventStream, handle: EventHandler): EventConsumer {
  const consumer = new EventConsumer(stream, handle, logger);
  onTestFinished(() => consumer.close());
  return consumer;
}

async function setAsideOf(driver: Driver, name: string): Promise<{ text: string; reason: string }[]> {
  if (driver === 'redis') {
    const redis = connectRedis(process.env['TEST_REDIS_URL'] as string, logger);
    onTestFinished(() => redis.disconnect());
    await until(() => expect(redis.status).toBe('ready'));
    const entries = await redis.xrange(keys.setAside(name), '-', '+');
    return entries.map(([, [, text = '', , , , reason = '']]) => ({ text, reason }));
  }
  const bootstrapBrokers = (process.env['TEST_KAFKA_BROKERS'] as string).split(',');
  const consumer = new Consumer({
    clientId: 'inspector',
    groupId: newName(),
    bootstrapBrokers,
    deserializers: stringDeserializers,
  });
  onTestFinished(() => consumer.close(true));
  const stream = await consumer.consume({ topics: [`maru.${name}.set-aside`], mode: 'earliest', maxFetches: 1 });
  const found = [];
  for await (const { value, headers } of stream) found.push({ text: value, reason: headers.get('reason') ?? '' });
  return found;
}

describe.each(['redis', 'kafka'] as const)('the event stream over %s', (driver) => {
  it('[E1] hands out what was appended, and what one room told in its order', async () => {
    const stream = open(driver, newName());
    const rooms = [uuidv7(), uuidv7(), uuidv7()] as RoomId[];
    const events = range(1, 300).map((seq) => changed(seq, rooms[seq % 3]));
    const got: string[] = [];
    stream.consume(async (entries) => void got.push(...entries.map(({ text }) => text)));
    await append(stream, events);
    await until(() => expect(got).toHaveLength(300));
    const told = (texts: string[], room?: RoomId): string[] => texts.filter((text) => text.includes(room as string));
    for (const room of rooms) expect(told(got, room)).toEqual(told(events.map(eventText), room));
  });

  it('[E1] keeps what is told while nobody listens, and says since when', async () => {
    const name = newName();
    const before = Date.now();
    await append(open(driver, name), [changed(1), changed(2)]);
    const after = Date.now();
    const { seqs, addedAt } = reading(open(driver, name));
    await until(() => expect(seqs().toSorted()).toEqual([1, 2]));
    for (const time of addedAt())
      expect([before, time, after].toSorted((a, b) => a - b)).toEqual([before, time, after]);
  });

  it('[E1] lets consumers share the entries and miss none', async () => {
    const name = newName();
    const [a, b] = [reading(open(driver, name)), reading(open(driver, name))];
    const stream = open(driver, name);
    let told = 0;
    await until(async () => {
      await append(
        stream,
        range(told + 1, told + 20).map((seq) => changed(seq)),
      );
      told += 20;
      expect(a.seqs().length).toBeGreaterThan(0);
      expect(b.seqs().length).toBeGreaterThan(0);
    });
    await until(() => expect(new Set([...a.seqs(), ...b.seqs()]).size).toBe(told));
  });

  it('[E1] hands a batch out again that was rejected', async () => {
    const stream = open(driver, newName());
    let failures = 2;
    const { seqs } = reading(stream, async () => {
      if (failures-- > 0) throw new Error('not now');
    });
    await append(stream, [changed(1)]);
    await until(() => expect(seqs()).toEqual([1, 1, 1]));
    await append(stream, [changed(2)]);
    await until(() => expect(seqs()).toEqual([1, 1, 1, 2]));
  });

  it.each([
    ['is stuck', () => never],
    ['fails', () => Promise.reject(new Error('closing'))],
  ])('loses nothing of a consumer that ends while it %s', async (_, take) => {
    const name = newName();
    const first = open(driver, name);
    const { seqs } = reading(first, take);
    await append(first, [changed(1)]);
    await until(() => expect(seqs()).toContain(1));
    await first.close();
    const next = reading(open(driver, name));
    await until(() => expect(next.seqs()).toEqual([1]));
  });

  it('[E1] hands unfinished entries to the same consumer when it starts again', async () => {
    const [name, consumer] = [newName(), newName()];
    const first = open(driver, name, consumer);
    const { seqs } = reading(first, () => Promise.reject(new Error('closing')));
    await append(first, [changed(1)]);
    await until(() => expect(seqs()).toContain(1));
    await first.close();
    const next = reading(open(driver, name, consumer));
    await until(() => expect(next.seqs()).toEqual([1]));
  });

  it('says how much is unread', async () => {
    const name = newName();
    const stream = open(driver, name);
    await append(stream, [changed(1)]);
    const first = open(driver, name);
    const { seqs } = reading(first);
    await until(() => expect(seqs()).toEqual([1]));
    await until(async () => expect(await stream.backlog()).toEqual({ unread: 0, lost: 0 }));
    await first.close();
    await append(
      stream,
      range(2, 11).map((seq) => changed(seq)),
    );
    expect(await stream.backlog()).toEqual({ unread: 10, lost: 0 });
  });

  it('[E3] sets aside what nobody can handle, and goes on with its neighbours', async () => {
    const name = newName();
    const stream = open(driver, name);
    const before = await total(metrics.eventsSetAside);
    const handled: number[] = [];
    consuming(stream, async (events) => {
      const seqs = events.map(({ data }) => data.seq);
      if (seqs.includes(2)) throw new Error('poisoned');
      handled.push(...seqs);
    });
    const room = uuidv7() as RoomId;
    await append(stream, [changed(1, room)]);
    await stream.append([{ key: room, text: 'no event' }]);
    await append(stream, [changed(2, room), changed(3, room)]);
    await until(() => expect(handled.toSorted()).toEqual([1, 3]));
    await until(async () => expect(await total(metrics.eventsSetAside)).toBe(before + 2));
    const kept = await setAsideOf(driver, name);
    expect(kept).toHaveLength(2);
    expect(kept[0]?.text).toBe('no event');
    expect(kept[1]).toMatchObject({ text: expect.stringContaining('"seq":2') as string, reason: 'poisoned' });
  });

  it('[E3] waits while what a handler needs is away', async () => {
    const stream = open(driver, newName());
    const before = await total(metrics.eventsSetAside);
    let tries = 0;
    const handled: number[] = [];
    consuming(stream, async (events) => {
      if (++tries < 6) throw new ChatError('unavailable');
      handled.push(...events.map(({ data }) => data.seq));
    });
    await append(stream, [changed(1)]);
    await until(() => expect(handled).toEqual([1]));
    expect(await total(metrics.eventsSetAside)).toBe(before);
  });

  it('is consumed by the event handlers of a Nest microservice', async () => {
    const name = newName();
    const stream = open(driver, name);
    const told: number[] = [];
    const alsoTold: number[] = [];
    let failures = 1;

    @EventListener()
    class Listener {
      @EventPattern('message.changed')
      async changed(@Payload() changes: readonly EventMap['message.changed'][]): Promise<void> {
        const seqs = changes.map(({ seq }) => seq);
        if (seqs.includes(2)) throw new Error('poisoned');
        if (failures-- > 0) throw new Error('once');
        told.push(...seqs);
      }

      @EventPattern('message.changed')
      async changedAsWell(@Payload() changes: readonly EventMap['message.changed'][]): Promise<void> {
        alsoTold.push(...changes.map(({ seq }) => seq));
      }
    }
    @Module({ controllers: [Listener] })
    class Listening {}

    const strategy = new EventServer(stream, logger);
    const nest: INestMicroservice = await NestFactory.createMicroservice(Listening, { strategy, logger: false });
    await nest.listen();
    onTestFinished(() => nest.close());
    const before = await total(metrics.eventsSetAside);
    await append(stream, [changed(1), changed(2), changed(3)]);
    await until(() => expect(told.toSorted()).toEqual([1, 3]));
    await until(async () => expect(await total(metrics.eventsSetAside)).toBe(before + 1));
    expect(new Set(alsoTold)).toEqual(new Set([1, 2, 3]));
    expect(await setAsideOf(driver, name)).toMatchObject([{ reason: 'poisoned' }]);
  });
});

describe('the event stream over redis', () => {
  it('[E1] takes over what a consumer that fell silent had', async () => {
    const name = newName();
    const silent = open('redis', name);
    const stuck = Promise.withResolvers<void>();
    onTestFinished(() => stuck.resolve());
    const { seqs } = reading(silent, () => stuck.promise);
    await append(silent, [changed(1)]);
    await until(() => expect(seqs()).toEqual([1]));
    const other = reading(open('redis', name));
    await until(() => expect(other.seqs()).toEqual([1]));
  });

  it('says what was trimmed before anyone was given it', async () => {
    const name = newName();
    const stream = open('redis', name, newName(), 10);
    const first = open('redis', name);
    const { seqs } = reading(first);
    await append(stream, [changed(1)]);
    await until(() => expect(seqs()).toEqual([1]));
    await first.close();
    await append(
      stream,
      range(2, 1_001).map((seq) => changed(seq)),
    );
    const { unread, lost } = await stream.backlog();
    expect(unread).toBe(1_000);
    expect(lost).toBeGreaterThan(700);
    expect(lost).toBeLessThan(1_000);
  });

  it('goes on when everything in Redis was deleted', async () => {
    const stream = open('redis', newName());
    const { seqs } = reading(stream);
    await append(stream, [changed(1)]);
    await until(() => expect(seqs()).toEqual([1]));
    const redis = connectRedis(process.env['TEST_REDIS_URL'] as string, logger);
    onTestFinished(() => redis.disconnect());
    await until(() => expect(redis.status).toBe('ready'));
    await redis.flushall();
    await append(stream, [changed(2)]);
    await until(() => expect(seqs()).toEqual([1, 2]));
  });
});

describe('the event stream over kafka', () => {
  it('goes on when its topic was deleted', async () => {
    const name = newName();
    const stream = open('kafka', name);
    const { seqs } = reading(stream);
    await append(stream, [changed(1)]);
    await until(() => expect(seqs()).toEqual([1]));
    const bootstrapBrokers = (process.env['TEST_KAFKA_BROKERS'] as string).split(',');
    const admin = new Admin({ clientId: 'inspector', bootstrapBrokers });
    onTestFinished(() => admin.close());
    await admin.deleteTopics({ topics: [`maru.${name}`] });
    await append(stream, [changed(2)]);
    await until(() => expect(seqs()).toContain(2));
  });
});
