import type { MessageId, RoomId, UserId } from '@maru/contract';
import { createLogger } from '@maru/observability';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectRedis } from './redis-connection.js';
import { SlowMode } from './slow-mode.js';

const logger = createLogger({ level: 'silent', node: 'test' });

async function slowMode(redis: 'there' | 'away'): Promise<SlowMode> {
  const url = redis === 'there' ? (process.env['TEST_REDIS_URL'] as string) : 'redis://127.0.0.1:1';
  const connection = connectRedis(url, logger);
  onTestFinished(() => connection.disconnect());
  if (redis === 'there') await new Promise<void>((resolve) => connection.once('ready', resolve));
  return new SlowMode(connection);
}

const said = (roomId: RoomId, senderId: UserId) => ({ roomId, senderId, id: crypto.randomUUID() as MessageId });

describe.each(['there', 'away'] as const)('slow mode, Redis %s', (redis) => {
  it('[R11] lets one message through and the same one again; the others wait, until it is given back', async () => {
    const slow = await slowMode(redis);
    const [roomId, ann, bob] = [
      crypto.randomUUID() as RoomId,
      crypto.randomUUID() as UserId,
      crypto.randomUUID() as UserId,
    ];
    const [first, second] = [said(roomId, ann), said(roomId, ann)];
    await slow.take(first, 60);
    await slow.take(first, 60);
    await slow.take(said(roomId, bob), 60);
    await slow.take(said(crypto.randomUUID() as RoomId, ann), 60);
    const refusal = await slow.take(second, 60).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'slow-mode' });
    expect((refusal as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(0);
    expect((refusal as { retryAfterMs: number }).retryAfterMs).toBeLessThanOrEqual(60_000);
    await slow.giveBack(second);
    await expect(slow.take(second, 60)).rejects.toMatchObject({ code: 'slow-mode' });
    await slow.giveBack(first);
    await slow.take(second, 60);
  });
});
