import type { Logger } from '@maru/observability';
import { expect, it, onTestFinished } from 'vitest';
import { connectRedis } from './redis-connection.js';

it('[O1] names the setting that Redis refuses, and what it is degraded to', async () => {
  const wrong = Object.assign(new URL(process.env['TEST_REDIS_URL'] as string), { username: 'no', password: 'wrong' });
  const said: unknown[] = [];
  const listening = { warn: (...what: unknown[]) => said.push(what) } as unknown as Logger;
  const redis = connectRedis(wrong.href, listening);
  onTestFinished(() => redis.disconnect());
  await new Promise((resolve) => redis.once('close', resolve));
  expect(said).toEqual([
    [
      { purpose: 'commands', reason: expect.stringContaining('WRONGPASS') as string },
      'redis refuses what REDIS_URL says; what needs it is degraded',
    ],
  ]);
});
