import { ChatError, type Entry, type MessageId, type RoomId, type UserId } from '@maru/contract';
import { Database, DedicatedConnection, uuidBytes } from '@maru/database';
import { createLogger } from '@maru/observability';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type ChangeRequest, ChangeWriter } from './change-writer.js';
import { LogRepository } from './log.repository.js';
import { MessageDetailsRepository } from './message-details.repository.js';
import { NewMessage, type Rights, type RightsSource } from './log-types.js';
import { LogWriter } from './log-writer.js';

const url = process.env['TEST_DATABASE_URL'] as string;
const logger = createLogger({ level: 'silent', node: 'test' });
const silent = { publish: () => {}, accept: () => {} };
let database: Database;
let log: LogRepository;

beforeAll(async () => {
  database = await Database.connect({ url, replicaUrls: [], poolSize: 10 }, logger);
  log = new LogRepository(database);
});
afterAll(() => database.close());

const member: Rights = { epoch: 1, joinedSeq: 0, role: 'member', hiddenUpTo: 0, slowModeSeconds: 0 };
/** Everybody is a member but these. */
class Everybody implements RightsSource {
  readonly refused = new Map<UserId, ChatError | undefined>();
  asked = 0;

  async freshRights(_room: RoomId, users: readonly UserId[]): Promise<Map<UserId, Rights | ChatError>> {
    const allowed = users.filter((user) => !this.refused.has(user) || this.refused.get(user) !== undefined);
    return new Map(allowed.map((user) => [user, this.refused.get(user) ?? member]));
  }

  rightsUnder(_transaction: unknown, room: RoomId, users: readonly UserId[]): Promise<Map<UserId, Rights | ChatError>> {
    this.asked++;
    return this.freshRights(room, users);
  }
}

const user = (): UserId => uuidv7() as UserId;

async function roomWith(messages: number) {
  const roomId = uuidv7() as RoomId;
  await database.write((transaction) => log.createHead(transaction, roomId));
  const rights = new Everybody();
  const logWriter = new LogWriter(new DedicatedConnection(url, logger), log, rights, silent, logger);
  onTestFinished(() => logWriter.close());
  const ann = user();
  const say = (): Promise<{ seq: number }> =>
    logWriter.append(new NewMessage(roomId, ann, uuidv7() as MessageId, 'hello'), member);
  for (let i = 0; i < messages; i++) await say();
  const told: Entry[] = [];
  const writer = (): ChangeWriter =>
    new ChangeWriter(database, log, rights, { publish: () => {}, accept: (_, entries) => told.push(...entries) });
  const edit = (targetSeq: number, text: string, actorId = ann): ChangeRequest => ({
    roomId,
    actorId,
    targetSeq,
    decide: () => ({ type: 'edited', text, editedAt: Date.now() }),
  });
  return { roomId, ann, rights, say, told, writer, edit };
}

const codeOf = (asked: Promise<number | null>): Promise<number | string | null> =>
  asked.catch((error: unknown) => (error instanceof ChatError ? error.code : 'failed'));

describe('the change writer', () => {
  it('[M12] shares the one order with messages, of several writers at once, and tells each change once', async () => {
    const { roomId, say, told, writer, edit } = await roomWith(3);
    const [first, second] = [writer(), writer()];
    const seqs = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        if (i % 4 === 0) return (await say()).seq;
        return (i % 2 === 0 ? first : second).request(edit((i % 3) + 1, `edit ${i}`));
      }),
    );
    const expected = Array.from({ length: 203 }, (_, i) => i + 1);
    expect(seqs.toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual(expected.slice(3));
    const stored = await log.entries(roomId, 0, 1e9, 1_000, 'fresh');
    expect(stored.map(({ seq }) => seq)).toEqual(expected);
    expect(told.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(
      stored.filter(({ kind }) => kind === 'change').map(({ seq }) => seq),
    );
    for (const message of await log.messagesAt(roomId, [1, 2, 3], 0)) {
      const last = stored.findLast((entry) => entry.kind === 'change' && entry.targetSeq === message.seq);
      expect(message.changedSeq).toBe(last?.seq);
      expect(last?.kind === 'change' && last.change).toMatchObject({ type: 'edited', text: message.text });
    }
  });

  it('[M17] asks for the rights under the row lock, and refuses one without hurting his neighbours', async () => {
    const { rights, writer, edit, ann } = await roomWith(1);
    const [gone, muted] = [user(), user()];
    rights.refused.set(gone, undefined);
    rights.refused.set(muted, new ChatError('muted'));
    const changes = writer();
    const outcomes = await Promise.all([
      codeOf(changes.request(edit(1, 'one'))),
      codeOf(changes.request(edit(1, 'gone', gone))),
      codeOf(changes.request(edit(1, 'muted', muted))),
      codeOf(changes.request(edit(9, 'nothing there'))),
      codeOf(
        changes.request({
          ...edit(1, ''),
          decide: () => {
            throw new ChatError('forbidden');
          },
        }),
      ),
      codeOf(changes.request({ ...edit(1, ''), decide: () => undefined })),
      codeOf(changes.request(edit(1, 'two'))),
    ]);
    expect(outcomes).toEqual([2, 'not-member', 'muted', 'not-found', 'forbidden', null, 3]);
    rights.refused.set(ann, undefined);
    expect(await codeOf(changes.request(edit(1, 'three')))).toBe('not-member');
  });

  it('[M12] writes what comes together in few transactions, the texts before in their order', async () => {
    const { roomId, rights, writer, edit } = await roomWith(1);
    const changes = writer();
    await Promise.all(Array.from({ length: 40 }, (_, i) => changes.request(edit(1, `edit ${i}`))));
    expect(rights.asked).toBeLessThanOrEqual(3);
    expect((await new MessageDetailsRepository(database).editions(roomId, 1)).map(({ text }) => text)).toEqual([
      'hello',
      ...Array.from({ length: 39 }, (_, i) => `edit ${i}`),
    ]);
  });

  it('[M5] refuses with `overloaded` once it has been told to end, and stores what it took', async () => {
    const { roomId, writer, edit } = await roomWith(1);
    const changes = writer();
    const last = changes.request(edit(1, 'last'));
    const closing = changes.close();
    expect(await codeOf(changes.request(edit(1, 'late')))).toBe('overloaded');
    expect(await last).toBe(2);
    await closing;
    expect((await log.messagesAt(roomId, [1], 0))[0]?.text).toBe('last');
  });

  it('[R13] a purge takes everything of one room, in pieces, and nothing of others', async () => {
    const [gone, kept] = [await roomWith(5), await roomWith(5)];
    for (const { writer, edit } of [gone, kept]) await writer().request(edit(1, 'edited'));
    let pieces = 1;
    while (!(await log.purge(gone.roomId, 2))) pieces++;
    expect(pieces).toBeGreaterThan(2);
    expect(await log.heads([gone.roomId, kept.roomId])).toMatchObject([{ roomId: kept.roomId, seq: 6 }]);
    const rows = await database.fresh('SELECT 1 FROM messages WHERE room_id = ?', [uuidBytes(gone.roomId)]);
    expect(rows).toEqual([]);
    expect(await log.entries(kept.roomId, 0, 9, 9, 'fresh')).toHaveLength(6);
  });
});
