import { ChatError, type MessageId, type RoomId, type Stored } from '@maru/contract';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Outbox, type OutgoingMessage } from './outbox.js';

type Answer = (id: MessageId) => Promise<Stored>;
const stored: Answer = async (id) => ({ id, roomId: '' as RoomId, seq: 1, ordinal: 1, createdAt: 0 });
const refused =
  (code: ConstructorParameters<typeof ChatError>[0]): Answer =>
  async () => {
    throw new ChatError(code);
  };

function setup(...answers: Answer[]) {
  const sent: { id: MessageId; text: string }[] = [];
  let shown: readonly OutgoingMessage[] = [];
  const connection = { online: true };
  const outbox = new Outbox(
    async (message) => {
      sent.push(message);
      return (answers.shift() ?? stored)(message.id);
    },
    () => connection.online,
    (messages) => (shown = messages),
  );
  return { outbox, sent, connection, shown: () => shown };
}

beforeEach(() => void vi.useFakeTimers());

describe('the outbox', () => {
  it('[M9] sends one message after the other', async () => {
    let answer = (): void => {};
    const { outbox, sent } = setup((id) => new Promise((resolve) => (answer = () => void stored(id).then(resolve))));
    outbox.add('first');
    outbox.add('second');
    expect(sent.map(({ text }) => text)).toEqual(['first']);
    answer();
    await vi.runAllTimersAsync();
    expect(sent.map(({ text }) => text)).toEqual(['first', 'second']);
  });

  it.each(['unknown', 'overloaded', 'rate-limited', 'unavailable'] as const)(
    '[W6] sends again with the same id after %s',
    async (code) => {
      const { outbox, sent, shown } = setup(refused(code), refused(code));
      outbox.add('hello');
      await vi.runAllTimersAsync();
      expect(sent).toHaveLength(3);
      expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
      expect(shown()).toMatchObject([{ state: 'stored' }]);
    },
  );

  it('[W6] keeps what was refused for good, to be retried or discarded by hand, and goes on with the next', async () => {
    const { outbox, sent, shown } = setup(refused('not-member'));
    const id = outbox.add('kept');
    outbox.add('next');
    await vi.runAllTimersAsync();
    expect(shown()).toMatchObject([
      { text: 'kept', state: 'failed' },
      { text: 'next', state: 'stored' },
    ]);
    outbox.retry(id);
    await vi.runAllTimersAsync();
    expect(sent.map(({ text }) => text)).toEqual(['kept', 'next', 'kept']);
    expect(shown()).toMatchObject([{ text: 'kept', state: 'stored' }, { text: 'next' }]);
  });

  it('[W6] waits while offline and sends when the connection is back', async () => {
    const { outbox, sent, connection } = setup();
    connection.online = false;
    outbox.add('later');
    await vi.runAllTimersAsync();
    expect(sent).toEqual([]);
    connection.online = true;
    outbox.resume();
    await vi.runAllTimersAsync();
    expect(sent).toHaveLength(1);
  });

  it('[W6] shows no second bubble once the message has arrived', async () => {
    const { outbox, shown } = setup();
    const id = outbox.add('hello');
    outbox.arrived(new Set([id]));
    expect(shown()).toEqual([]);
    await vi.runAllTimersAsync();
    expect(shown()).toEqual([]);
  });

  it('[W6] sends nothing more once stopped, also not what fails only then', async () => {
    const { outbox, sent } = setup(refused('unknown'));
    outbox.add('mine');
    outbox.stop();
    await vi.runAllTimersAsync();
    outbox.resume();
    await vi.runAllTimersAsync();
    expect(sent).toHaveLength(1);
  });

  it('[W7] drops what the timeline covers without showing it', async () => {
    const { outbox, shown } = setup();
    outbox.add('hello');
    await vi.runAllTimersAsync();
    outbox.covered(0);
    expect(shown()).toHaveLength(1);
    outbox.covered(1);
    expect(shown()).toEqual([]);
  });
});
