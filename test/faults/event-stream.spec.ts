import type { RoomId, UserId } from '@maru/contract';
import {
  createEventStream,
  type DomainEvent,
  EventConsumer,
  EventPublisher,
  type EventStream,
  type NewEntry,
} from '@maru/events';
import { createLogger } from '@maru/observability';
import { uuidv7 } from 'uuidv7';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSystem, until } from '../support/system.js';

const logger = createLogger({ level: 'silent', node: 'test' });
const changed = (seq: number): DomainEvent => ({
  name: 'message.changed',
  data: { roomId: uuidv7() as RoomId, seq, targetSeq: 1, actorId: uuidv7() as UserId, type: 'pinned' },
});
const entries = (seq: number): NewEntry[] => {
  const event = changed(seq);
  return [{ key: event.data.roomId, text: JSON.stringify(event) }];
};

describe('a server of the event stream that goes and comes back', async () => {
  const { engines, redisUrl, kafkaBrokers = '' } = await startSystem({ nodes: 0, kafka: true });
  const common = { keptMs: 3_600_000, consumer: 'test' };

  function open(driver: 'redis' | 'kafka', brokers = kafkaBrokers.split(',')): EventStream {
    return driver === 'redis'
      ? createEventStream({ driver, ...common, url: redisUrl, keptEntries: 10_000 }, logger)
      : createEventStream({ driver, ...common, brokers }, logger);
  }

  /** A publisher and a consumer of their own connections, as two nodes have them. */
  function pair(driver: 'redis' | 'kafka') {
    const [writing, reading] = [open(driver), open(driver)];
    const publisher = new EventPublisher(writing, logger);
    const handled = new Set<number>();
    const consumer = new EventConsumer(
      reading,
      async (events) => events.forEach(({ data }) => handled.add(data.seq)),
      logger,
    );
    onTestFinished(async () => {
      await publisher.close();
      await consumer.close();
      await Promise.all([writing.close(), reading.close()]);
    });
    let seq = 0;
    const tell = (): number => {
      publisher.publish([changed(++seq)]);
      return seq;
    };
    return { tell, handled, publisher, consumer, writing };
  }

  it.each(['redis', 'kafka'] as const)(
    '%s is stopped: what is told meanwhile is told when it is back',
    async (driver) => {
      const { tell, handled } = pair(driver);
      const before = tell();
      await until(() => expect(handled).toContain(before));
      await engines[driver]?.stop();
      const meanwhile = [tell(), tell()];
      await engines[driver]?.start();
      const after = tell();
      await until(() => expect([...handled]).toEqual(expect.arrayContaining([...meanwhile, after])));
    },
  );

  it.each(['SIGKILL', 'SIGSTOP'] as const)('Kafka gets %s: every event arrives', async (signal) => {
    const { tell, handled } = pair('kafka');
    const told = [tell()];
    await until(() => expect(handled).toContain(told[0]));
    engines.kafka?.signal(signal);
    const writer = open('kafka');
    onTestFinished(() => writer.close());
    for (let i = 0; i < 20; i++) told.push(tell());
    await expect(writer.append(entries(0))).rejects.toThrow();
    if (signal === 'SIGKILL') {
      await engines.kafka?.gone();
      await engines.kafka?.start();
    } else engines.kafka?.signal('SIGCONT');
    told.push(tell());
    await until(() => expect([...handled]).toEqual(expect.arrayContaining(told)));
  });

  const drivers = process.env['MARU_LONG'] === '1' ? (['redis', 'kafka'] as const) : (['redis'] as const);
  it.each(drivers)('%s is away: an append is refused and everything ends soon', async (driver) => {
    const { tell, handled, publisher, consumer, writing } = pair(driver);
    const before = tell();
    await until(() => expect(handled).toContain(before));
    await engines[driver]?.stop();
    onTestFinished(() => engines[driver]?.start());
    await expect(writing.append(entries(0))).rejects.toThrow();
    tell();
    await Promise.all([writing.close(), consumer.close()]);
    await publisher.close();
  });

  it('starts although no broker is there', async () => {
    const stream = open('kafka', ['127.0.0.1:9']);
    stream.consume(async () => {});
    await expect(stream.append(entries(1))).rejects.toThrow();
    await expect(stream.backlog()).rejects.toThrow();
    await stream.close();
  });
});
