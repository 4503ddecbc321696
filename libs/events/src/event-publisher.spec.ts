import type { RoomId, UserId } from '@maru/contract';
import { createLogger, metrics } from '@maru/observability';
import { uuidv7 } from 'uuidv7';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { DomainEvent } from './event-map.js';
import { EventPublisher } from './event-publisher.js';
import type { NewEntry } from './event-stream.js';

const logger = createLogger({ level: 'silent', node: 'test' });
const roomId = uuidv7() as RoomId;
const changed = (seq: number): DomainEvent => ({
  name: 'message.changed',
  data: { roomId, seq, targetSeq: 1, actorId: uuidv7() as UserId, type: 'pinned' },
});
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** A stream that is there or not, and what it was told. */
function setup() {
  const told: NewEntry[][] = [];
  const stream = {
    away: false,
    append: async (entries: readonly NewEntry[]): Promise<void> => {
      if (stream.away) throw new Error('away');
      told.push([...entries]);
    },
  };
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const seqs = (): number[] => told.flat().map(({ text }) => (JSON.parse(text) as DomainEvent).data.seq);
  return { publisher: new EventPublisher(stream, logger), stream, told, seqs };
}

describe('EventPublisher', () => {
  it('puts what is published in a short time on the stream with one call', async () => {
    const { publisher, told, seqs } = setup();
    publisher.publish([changed(1), changed(2)]);
    publisher.publish([changed(3)]);
    await vi.advanceTimersByTimeAsync(50);
    expect(told).toHaveLength(1);
    expect(told[0]?.[0]?.key).toBe(roomId);
    expect(seqs()).toEqual([1, 2, 3]);
  });

  it('[E2] tells what waits, in its order, when the stream is back', async () => {
    const { publisher, stream, seqs } = setup();
    stream.away = true;
    publisher.publish([changed(1)]);
    await vi.advanceTimersByTimeAsync(2_000);
    publisher.publish([changed(2)]);
    stream.away = false;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(seqs()).toEqual([1, 2]);
  });

  it('[E2] gives up the oldest when too many wait, and counts them', async () => {
    const dropped = async (): Promise<number> => (await metrics.eventsDropped.get()).values[0]?.value ?? 0;
    const { publisher, stream, seqs } = setup();
    const before = await dropped();
    stream.away = true;
    publisher.publish(range(1, 10_100).map(changed));
    expect(await dropped()).toBe(before + 100);
    stream.away = false;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(seqs()).toEqual(range(101, 10_100));
  });

  it('tells all that waits when it ends', async () => {
    const { publisher, seqs } = setup();
    publisher.publish(range(1, 2_500).map(changed));
    await publisher.close();
    expect(seqs()).toEqual(range(1, 2_500));
  });

  it('ends although the stream is away', async () => {
    const { publisher, stream, seqs } = setup();
    stream.away = true;
    publisher.publish([changed(1)]);
    await publisher.close();
    expect(seqs()).toEqual([]);
  });
});
