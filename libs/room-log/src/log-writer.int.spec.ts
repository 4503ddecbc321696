import type { Entry, MessageId, RoomId, UserId } from '@maru/contract';
import type { Transaction } from '@maru/database';
import { Database, DedicatedConnection, uuidBytes, uuidText } from '@maru/database';
import { createLogger, metrics } from '@maru/observability';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { LogRepository } from './log.repository.js';
import { type Head, NewMessage, type Rights, type RightsSource } from './log-types.js';
import { LogWriter } from './log-writer.js';

const url = process.env['TEST_DATABASE_URL'] as string;
const logger = createLogger({ level: 'silent', node: 'test' });
let database: Database;
let log: LogRepository;

beforeAll(async () => {
  database = await Database.connect({ url, replicaUrls: [], poolSize: 5 }, logger);
  log = new LogRepository(database);
});
afterAll(() => database.close());

/** Membership as rooms keeps it, read as rooms reads it. */
interface RightsRow {
  user_id: Buffer;
  rights_epoch: number;
  joined_seq: number;
}

const RIGHTS = `SELECT m.user_id, m.joined_seq, h.rights_epoch FROM room_heads h JOIN room_members m ON m.room_id = h.room_id
  WHERE h.room_id = ? AND m.user_id IN (?)`;
const asMember = (epoch: number, joinedSeq = 0): Rights => ({
  epoch,
  joinedSeq,
  role: 'member',
  hiddenUpTo: 0,
  slowModeSeconds: 0,
});
const byUser = (rows: RightsRow[]): Map<UserId, Rights> =>
  new Map(rows.map((row) => [uuidText<UserId>(row.user_id), asMember(row.rights_epoch, row.joined_seq)]));

const rights: RightsSource = {
  freshRights: async (roomId, users) =>
    byUser(await database.fresh<RightsRow>(RIGHTS, [uuidBytes(roomId), users.map(uuidBytes)])),
  rightsUnder: async (transaction: Transaction, roomId, users) =>
    byUser(await transaction.select<RightsRow>(RIGHTS, [uuidBytes(roomId), users.map(uuidBytes)])),
};

async function room(...members: UserId[]): Promise<{ roomId: RoomId; leave: (user: UserId) => Promise<void> }> {
  const roomId = uuidv7() as RoomId;
  await database.write(async (transaction) => {
    await log.createHead(transaction, roomId);
    for (const user of members) {
      await transaction.execute(
        "INSERT INTO room_members (room_id, user_id, role, joined_seq, joined_at) VALUES (?, ?, 'member', 0, NOW(3))",
        [uuidBytes(roomId), uuidBytes(user)],
      );
    }
  });
  const leave = async (userId: UserId): Promise<void> => {
    await database.write(async (transaction) => {
      const head = await log.lockHead(transaction, roomId);
      if (head !== undefined) await log.appendSystem(transaction, head, { event: 'left', userId, name: 'x' }, true);
      await transaction.execute(
        'DELETE FROM room_members WHERE room_id = ? AND user_id = ?',
        [roomId, userId].map(uuidBytes),
      );
    });
  };
  return { roomId, leave };
}

function writer() {
  const told: Entry[] = [];
  const connection = new DedicatedConnection(url, logger);
  const log_ = new LogWriter(
    connection,
    log,
    rights,
    { publish: () => {}, accept: (_, entries) => told.push(...entries) },
    logger,
  );
  onTestFinished(() => log_.close());
  return { writer: log_, connection, told };
}

const user = (): UserId => uuidv7() as UserId;
const message = (roomId: RoomId, senderId: UserId, text = 'hello', id = uuidv7() as MessageId): NewMessage =>
  new NewMessage(roomId, senderId, id, text);
/** The same id once more, with another text or in another room. */
const again = (
  { roomId, senderId, text, id }: NewMessage,
  other: { text?: string; roomId?: RoomId } = {},
): NewMessage => message(other.roomId ?? roomId, senderId, other.text ?? text, id);
const FIRST = asMember(1);
const seqsIn = async (roomId: RoomId): Promise<number[]> =>
  (await log.entries(roomId, 0, 1e9, 100_000, 'fresh')).map((entry) => entry.seq);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('the log writer', () => {
  it('[M1] gives 1..n without holes under concurrency, and its answers agree with the table', async () => {
    const ann = user();
    const [a, b] = [await room(ann), await room(ann)];
    const [first, second] = [writer(), writer()];
    const answers = await Promise.all(
      upTo(2_000).map((i) => {
        const target = i % 3 === 0 ? b.roomId : a.roomId;
        return (i % 2 === 0 ? first : second).writer.append(message(target, ann, `${i}`), FIRST);
      }),
    );
    for (const { roomId } of [a, b]) {
      const mine = answers.filter((answer) => answer.roomId === roomId);
      expect(mine.map((answer) => answer.seq).toSorted((x, y) => x - y)).toEqual(upTo(mine.length));
      const stored = await log.entries(roomId, 0, 1e9, 100_000, 'fresh');
      expect(stored.map((entry) => entry.kind === 'message' && [entry.seq, entry.id])).toEqual(
        mine.toSorted((x, y) => x.seq - y.seq).map((answer) => [answer.seq, answer.id]),
      );
    }
  });

  it('[M2] tells of each stored message once, in order, and only after it is on disk', async () => {
    const ann = user();
    const { roomId } = await room(ann);
    const { writer: log_, told } = writer();
    await Promise.all(upTo(300).map(() => log_.append(message(roomId, ann), FIRST)));
    await log_.close();
    expect(told.map((entry) => entry.seq)).toEqual(upTo(300));
    expect(await seqsIn(roomId)).toEqual(upTo(300));
  });

  it('[M3] stores one id once and gives every resend the same answer', async () => {
    const ann = user();
    const { roomId } = await room(ann);
    const [first, second] = [writer(), writer()];
    const once = message(roomId, ann);
    const answers = await Promise.all(
      upTo(100).map((i) => (i % 2 === 0 ? first : second).writer.append(again(once), FIRST)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await seqsIn(roomId)).toEqual([1]);
    expect([...first.told, ...second.told]).toHaveLength(1);
  });

  it('[M3] refuses the same id with another text, from memory and from the table', async () => {
    const ann = user();
    const { roomId } = await room(ann);
    const [first, second] = [writer(), writer()];
    const original = message(roomId, ann, 'one');
    await first.writer.append(original, FIRST);
    const other = again(original, { text: 'two' });
    await expect(async () => first.writer.append(other, FIRST)).rejects.toMatchObject({ code: 'conflict' });
    await expect(second.writer.append(other, FIRST)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('[M8] stores the neighbours of a duplicate, in their order', async () => {
    const ann = user();
    const [a, b] = [await room(ann), await room(ann)];
    const known = message(a.roomId, ann);
    await writer().writer.append(known, FIRST);
    const { writer: log_ } = writer();
    const answers = await Promise.all(
      [message(a.roomId, ann), known, message(a.roomId, ann), message(b.roomId, ann)].map((m) => log_.append(m, FIRST)),
    );
    expect(answers.map((answer) => answer.seq)).toEqual([2, 1, 3, 1]);
  });

  it('[M8] one id in two rooms is two messages, also in one batch, and holds nobody up', async () => {
    const ann = user();
    const [a, b] = [await room(ann), await room(ann)];
    const { writer: log_ } = writer();
    const sent = message(a.roomId, ann);
    const answers = await Promise.all(
      [message(b.roomId, ann), sent, again(sent, { roomId: b.roomId }), again(sent)].map((m) => log_.append(m, FIRST)),
    );
    expect(answers.map(({ roomId, seq }) => [roomId, seq])).toEqual([
      [b.roomId, 1],
      [a.roomId, 1],
      [b.roomId, 2],
      [a.roomId, 1],
    ]);
  });

  it('[M8] finds the one of two equal messages in a batch that is stored first', async () => {
    const ann = user();
    const { roomId } = await room(ann);
    const log_ = writer().writer;
    Object.defineProperty(log_, 'recall', { value: () => undefined });
    const twice = message(roomId, ann);
    const answers = await Promise.all(
      [message(roomId, ann), twice, twice, message(roomId, ann)].map((m) => log_.append(m, FIRST)),
    );
    expect(answers.map(({ seq }) => seq)).toEqual([1, 2, 2, 3]);
  });

  it('[M8] stores the neighbours of a row that the database will not take', async () => {
    const ann = user();
    const { roomId } = await room(ann);
    const { writer: log_ } = writer();
    const spoiled = message(roomId, ann, 'x'.repeat(70_000));
    const outcomes = await Promise.allSettled(
      [message(roomId, ann), spoiled, message(roomId, ann)].map((m) => log_.append(m, FIRST)),
    );
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await seqsIn(roomId)).toEqual([1, 2]);
  });

  it('[R5] checks again what was checked before somebody left, in order, and lets the neighbours through', async () => {
    const [ann, bob] = [user(), user()];
    const [a, b] = [await room(ann, bob), await room(ann)];
    await a.leave(bob);
    const { writer: log_ } = writer();
    const outcomes = await Promise.allSettled([
      log_.append(message(a.roomId, ann, '1'), FIRST),
      log_.append(message(a.roomId, bob, 'gone'), FIRST),
      log_.append(message(b.roomId, ann), FIRST),
      log_.append(message(a.roomId, ann, '2'), FIRST),
    ]);
    expect(outcomes.map((o) => (o.status === 'fulfilled' ? o.value.seq : (o.reason as { code: string }).code))).toEqual(
      [2, 'not-member', 1, 3],
    );
  });

  it('[M4] tells who left after his message was stored that it was', async () => {
    const bob = user();
    const { roomId, leave } = await room(bob);
    const sent = message(roomId, bob);
    const answer = await writer().writer.append(sent, FIRST);
    await leave(bob);
    expect(await writer().writer.append(sent, FIRST)).toEqual(answer);
  });

  it.each([
    ['not known', []],
    ['known', [0]],
  ])(
    '[M6] head %s: answers `unknown` or the place when COMMIT is cut off, and a resend finds the truth',
    async (_, before) => {
      const ann = user();
      const { roomId } = await room(ann);
      const { writer: log_, connection } = writer();
      for (const i of before) await log_.append(message(roomId, ann, `${i}`), FIRST);
      const query = connection.query.bind(connection);
      let cut = true;
      connection.query = async (sql) => {
        if (!cut || !sql.includes('COMMIT')) return query(sql);
        cut = false;
        const answered = query(sql);
        connection.destroy();
        return Promise.race([
          answered,
          Promise.reject(Object.assign(new Error('lost'), { fatal: true, code: 'ECONNRESET' })),
        ]);
      };
      const messages = upTo(5).map((i) => message(roomId, ann, `${i}`));
      const first = await Promise.allSettled(messages.map((m) => log_.append(m, FIRST)));
      for (const outcome of first) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'unknown' });
      }
      await Promise.all(messages.map((m) => log_.append(m, FIRST)));
      expect(await seqsIn(roomId)).toEqual(upTo(before.length + 5));
    },
  );

  it('[M8] a room whose row somebody holds delays no other one, and goes on when it is let go', async () => {
    const ann = user();
    const [locked, free] = [await room(ann), await room(ann)];
    const { writer: log_ } = writer();
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const holding = Promise.withResolvers<void>();
    const holder = database.write(async (transaction) => {
      await log.lockHead(transaction, locked.roomId);
      holding.resolve();
      await held;
    });
    await holding.promise;
    const waiting = [1, 2].map((i) => log_.append(message(locked.roomId, ann, `${i}`), FIRST));
    const others = await Promise.all(upTo(3).map(() => log_.append(message(free.roomId, ann), FIRST)));
    const later = await log_.append(message(free.roomId, ann), FIRST);
    expect([...others, later].map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    letGo();
    await holder;
    expect((await Promise.all(waiting)).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('[M5] refuses with `overloaded`, and stores nothing, once it has been told to end', async () => {
    const ann = user();
    const { roomId } = await room(ann);
    const { writer: log_ } = writer();
    const last = log_.append(message(roomId, ann), FIRST);
    const closing = log_.close();
    await expect(log_.append(message(roomId, ann), FIRST)).rejects.toMatchObject({ code: 'overloaded' });
    await expect(last).resolves.toMatchObject({ seq: 1 });
    await closing;
    expect(await seqsIn(roomId)).toEqual([1]);
  });
});

describe('the log writer where it knows the heads of its rooms', () => {
  /** How many transactions found heads so, while `work` ran. */
  async function commits(work: () => Promise<unknown>): Promise<Record<string, number>> {
    metrics.commits.reset();
    await work();
    const { values } = await metrics.commits.get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels.heads, value]));
  }

  it('[M1] asks for a head once, and then puts each batch in its place at once', async () => {
    const ann = user();
    const [a, b] = [await room(ann), await room(ann)];
    const { writer: log_ } = writer();
    const say = async (): Promise<unknown> => {
      const told = [a, a, b].map(({ roomId }) => log_.append(message(roomId, ann), FIRST));
      return (await Promise.all(told)).map(({ seq, ordinal }) => [seq, ordinal]);
    };
    const first = await commits(async () =>
      expect(await say()).toEqual([
        [1, 1],
        [2, 2],
        [1, 1],
      ]),
    );
    expect(Object.keys(first)).toEqual(['asked']);
    const later = await commits(async () =>
      expect(await say()).toEqual([
        [3, 3],
        [4, 4],
        [2, 2],
      ]),
    );
    expect(Object.keys(later)).toEqual(['known']);
    expect(await seqsIn(a.roomId)).toEqual(upTo(4));
  });

  it('[M1] goes on behind what another node wrote, and asks first from then on', async () => {
    const ann = user();
    const { roomId } = await room(ann);
    const [here, there] = [writer().writer, writer().writer];
    await here.append(message(roomId, ann), FIRST);
    await there.append(message(roomId, ann), FIRST);
    const append = (): Promise<unknown> => here.append(message(roomId, ann), FIRST);
    expect(await commits(append)).toEqual({ mistaken: 1 });
    expect(await commits(append)).toEqual({ asked: 1 });
    expect(await seqsIn(roomId)).toEqual(upTo(4));
  });

  it('[M1] asks once more when something else was committed on this node', async () => {
    const ann = user();
    const { roomId, leave } = await room(ann, user());
    const { writer: log_ } = writer();
    const append = (): Promise<unknown> => log_.append(message(roomId, ann), FIRST);
    await append();
    await database.write(async (transaction) => {
      const head = await log.lockHead(transaction, roomId);
      const fact = { event: 'renamed', userId: ann, name: 'x' } as const;
      const { entry } = await log.appendSystem(transaction, head as Head, fact, false);
      log_.noteCommitted(roomId, [entry]);
    });
    expect(await commits(append)).toEqual({ asked: 1 });
    expect(await commits(append)).toEqual({ known: 1 });
    await leave(ann);
    await expect(append()).rejects.toMatchObject({ code: 'not-member' });
    expect(await seqsIn(roomId)).toEqual(upTo(5));
  });

  it('[R5] checks again what was checked before somebody left', async () => {
    const [ann, bob] = [user(), user()];
    const { roomId, leave } = await room(ann, bob);
    const { writer: log_ } = writer();
    await log_.append(message(roomId, bob), FIRST);
    await leave(bob);
    const outcomes = await Promise.allSettled([ann, bob, ann].map((who) => log_.append(message(roomId, who), FIRST)));
    expect(outcomes.map((o) => (o.status === 'fulfilled' ? o.value.seq : (o.reason as { code: string }).code))).toEqual(
      [3, 'not-member', 4],
    );
  });

  it('[M2] stores nothing in a room that was deleted', async () => {
    const ann = user();
    const { roomId } = await room(ann);
    const { writer: log_ } = writer();
    await log_.append(message(roomId, ann), FIRST);
    await database.write(async (transaction) => {
      for (const table of ['messages', 'room_heads', 'room_members']) {
        await transaction.execute(`DELETE FROM ${table} WHERE room_id = ?`, [uuidBytes(roomId)]);
      }
    });
    await expect(log_.append(message(roomId, ann), FIRST)).rejects.toMatchObject({ code: 'not-member' });
    expect(await seqsIn(roomId)).toEqual([]);
  });

  it('[M8] stores the neighbours of a duplicate, in their order', async () => {
    const ann = user();
    const { roomId } = await room(ann);
    const once = message(roomId, ann);
    const answer = await writer().writer.append(once, FIRST);
    const { writer: log_ } = writer();
    await log_.append(message(roomId, ann), FIRST);
    const answers = await Promise.all(
      [message(roomId, ann), once, message(roomId, ann)].map((m) => log_.append(m, FIRST)),
    );
    expect(answers.map(({ seq }) => seq)).toEqual([3, 1, 4]);
    expect(answers[1]).toEqual(answer);
    expect(await seqsIn(roomId)).toEqual(upTo(4));
  });
});
