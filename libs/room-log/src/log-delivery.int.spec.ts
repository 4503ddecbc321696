import type { Entry, FactPayload, MessageId, RoomId, UserId } from '@maru/contract';
import { Database, uuidBytes } from '@maru/database';
import { createLogger } from '@maru/observability';
import type { BroadcastFrame, Viewer } from '@maru/realtime';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { HistoryCache } from './history-cache.js';
import { LogDelivery } from './log-delivery.js';
import { contentHash, LogRepository } from './log.repository.js';

/** A node without others. */
const alone = { serve: () => {}, unserve: () => {}, publish: () => {}, broken: false };
const logger = createLogger({ level: 'silent', node: 'test' });
const ann = uuidv7() as UserId;
const FIRST = { joinedSeq: 0, hiddenUpTo: 0 };
let database: Database;
let log: LogRepository;

beforeAll(async () => {
  database = await Database.connect(
    { url: process.env['TEST_DATABASE_URL'] as string, replicaUrls: [], poolSize: 5 },
    logger,
  );
  log = new LogRepository(database);
});
afterAll(() => database.close());

async function room(): Promise<{ roomId: RoomId; store: (seq: number) => Promise<Entry> }> {
  const roomId = uuidv7() as RoomId;
  await database.write((transaction) => log.createHead(transaction, roomId));
  const store = async (seq: number): Promise<Entry> => {
    const id = uuidv7() as MessageId;
    const now = new Date();
    await database.write(async (transaction) => {
      await transaction.execute('UPDATE room_heads SET last_seq = ?, last_ordinal = ? WHERE room_id = ?', [
        seq,
        seq,
        uuidBytes(roomId),
      ]);
      await transaction.execute(
        `INSERT INTO messages (room_id, seq, ordinal, kind, sender_id, id, body, body_hash, created_at)
         VALUES (?, ?, ?, 0, ?, ?, 'x', ?, ?)`,
        [uuidBytes(roomId), seq, seq, uuidBytes(ann), uuidBytes(id), Buffer.from(contentHash('x'), 'hex'), now],
      );
    });
    return { kind: 'message', roomId, seq, ordinal: seq, createdAt: now.getTime(), id, senderId: ann, text: 'x' };
  };
  return { roomId, store };
}

function viewing(roomId: RoomId) {
  const delivery = new LogDelivery(log, alone, logger, new HistoryCache(log));
  onTestFinished(() => delivery.close());
  const seqs: number[] = [];
  const facts: string[] = [];
  const send = (frame: BroadcastFrame): void => {
    facts.push(frame.event);
    if (frame.event === 'room:entries') {
      seqs.push(...(frame.payload as FactPayload<'room:entries'>).entries.map((entry) => entry.seq));
    }
  };
  const viewer = { identity: { userId: ann }, send } as unknown as Viewer;
  const seat = delivery.hold(viewer, roomId);
  delivery.locate(seat, { seq: 0, historyEpoch: 1 }, FIRST);
  delivery.release(seat);
  return { delivery, viewer, seqs, facts };
}

describe('delivery from the log', () => {
  it('[D2] reads a hole from the log', async () => {
    const { roomId, store } = await room();
    const { delivery, seqs } = viewing(roomId);
    await store(1);
    await store(2);
    delivery.accept(roomId, [await store(3)]);
    await vi.waitFor(() => expect(seqs).toEqual([1, 2, 3]), 5_000);
  });

  it('[D2] finds a last entry that nobody told of', async () => {
    const { roomId, store } = await room();
    const { seqs } = viewing(roomId);
    await store(1);
    await vi.waitFor(() => expect(seqs).toEqual([1]), 10_000);
  });

  it('[D6] tells a watcher of the newest entry only, and of a room that was joined', async () => {
    const { roomId, store } = await room();
    const other = await room();
    const { delivery, viewer, facts } = viewing(other.roomId);
    delivery.startWatching(viewer);
    delivery.watch(viewer, [{ id: roomId, head: 0, historyEpoch: 1, history: 'all', joinedSeq: 0 }]);
    delivery.accept(roomId, [await store(1), await store(2)]);
    delivery.accept(other.roomId, [await other.store(1)]);
    await vi.waitFor(() => expect(facts.filter((fact) => fact === 'room:activity')).toHaveLength(1), 5_000);
    delivery.accept(roomId, [
      { kind: 'system', roomId, seq: 3, ordinal: 2, createdAt: 0, event: 'joined', userId: ann, name: 'Ann' },
    ]);
    expect(facts).toContain('room:joined');
  });

  it('[D3] merges messages, system entries and changes into one order without holes', async () => {
    const { roomId, store } = await room();
    await store(1);
    await database.write(async (transaction) => {
      const head = await log.lockHead(transaction, roomId);
      if (head === undefined) throw new Error('no room');
      await log.appendSystem(transaction, head, { event: 'joined', userId: ann, name: 'Ann' }, false);
      await transaction.execute('UPDATE room_heads SET last_seq = 3 WHERE room_id = ?', [uuidBytes(roomId)]);
      await transaction.execute(
        'INSERT INTO room_changes (room_id, seq, ordinal, target_seq, actor_id, body, created_at) VALUES (?, 3, 1, 1, ?, ?, NOW(3))',
        [uuidBytes(roomId), uuidBytes(ann), JSON.stringify({ type: 'edited', text: 'edited', editedAt: 1 })],
      );
    });
    await store(4);
    const entries = await log.entries(roomId, 0, 4, 100, 'fresh');
    expect(entries).toMatchObject([
      { kind: 'message', seq: 1, text: 'x' },
      { kind: 'system', seq: 2, event: 'joined', userId: ann, name: 'Ann' },
      { kind: 'change', seq: 3, targetSeq: 1, actorId: ann, change: { type: 'edited', text: 'edited', editedAt: 1 } },
      { kind: 'message', seq: 4 },
    ]);
    expect(await log.entries(roomId, 1, 3, 100, 'fresh')).toEqual(entries.slice(1, 3));
    expect(await log.entries(roomId, 0, 4, 2, 'fresh')).toEqual(entries.slice(0, 2));
  });

  it('[D2] a room that is left and opened again while its hole is read goes on', async () => {
    const { roomId, store } = await room();
    const { delivery, viewer, seqs } = viewing(roomId);
    await store(1);
    delivery.accept(roomId, [await store(2)]);
    delivery.leave(viewer, roomId);
    const seat = delivery.hold(viewer, roomId);
    delivery.locate(seat, { seq: 2, historyEpoch: 1 }, FIRST);
    delivery.release(seat);
    await vi.waitFor(async () => expect(await log.heads([roomId])).toHaveLength(1));
    delivery.accept(roomId, [await store(3)]);
    expect(seqs).toEqual([3]);
    await store(4);
    await vi.waitFor(() => expect(seqs).toEqual([3, 4]), 10_000);
  });

  it('[R3] who leaves, or is gone, while the list of rooms is read is told nothing of them', async () => {
    const { roomId, store } = await room();
    const other = await room();
    const { delivery, viewer, facts } = viewing(other.roomId);
    delivery.startWatching(viewer);
    delivery.accept(roomId, [
      { kind: 'system', roomId, seq: 1, ordinal: 0, createdAt: 0, event: 'left', userId: ann, name: 'Ann' },
    ]);
    delivery.watch(viewer, [{ id: roomId, head: 0, historyEpoch: 1, history: 'all', joinedSeq: 0 }]);
    const gone = {
      identity: { userId: ann },
      send: () => expect.fail('told somebody who is gone'),
    } as unknown as Viewer;
    delivery.startWatching(gone);
    delivery.forget(gone);
    delivery.watch(gone, [{ id: other.roomId, head: 0, historyEpoch: 1, history: 'all', joinedSeq: 0 }]);
    delivery.accept(roomId, [await store(2)]);
    delivery.accept(other.roomId, [await other.store(1)]);
    expect(facts).toEqual(['room:entries']);
  });

  it('[R3] whoever was added before he was kicked, and is told so after it, is not put back', async () => {
    const { roomId } = await room();
    const other = await room();
    const { delivery, viewer, facts } = viewing(other.roomId);
    delivery.startWatching(viewer);
    delivery.watch(viewer, [{ id: roomId, head: 4, historyEpoch: 1, history: 'all', joinedSeq: 1 }]);
    const happened = (seq: number, event: 'added' | 'kicked'): Entry => ({
      kind: 'system',
      roomId,
      seq,
      ordinal: 0,
      createdAt: 0,
      event,
      userId: ann,
      name: 'Ann',
    });
    delivery.accept(roomId, [happened(6, 'kicked')]);
    delivery.accept(roomId, [happened(5, 'added')]);
    expect(facts).not.toContain('room:joined');
    expect(facts).toContain('room:evicted');
  });

  it('[D3] a room that was closed while it was being opened is not opened', async () => {
    const { roomId } = await room();
    const { delivery, viewer } = viewing(roomId);
    const seat = delivery.hold(viewer, roomId);
    delivery.leave(viewer, roomId);
    expect(() => delivery.locate(seat, { seq: 0, historyEpoch: 1 }, FIRST)).toThrow(
      expect.objectContaining({ code: 'overloaded' }) as Error,
    );
  });
});
