import type { Service } from '@maru/stack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chatters, type Crowd } from '../support/chatters.js';
import { internal, startSystem, until } from '../support/system.js';

/** `MARU_LONG=1` is the whole of it: 300 people, Redis away for a minute, a peer that hangs for 20 s, every fault with either relay. */
const LONG = process.env['MARU_LONG'] === '1';
const PEOPLE = LONG ? 300 : 40;
const PER_SECOND = LONG ? 1 : 2;
const REDIS_AWAY_MS = LONG ? 60_000 : 5_000;
const STOPPED_MS = LONG ? 20_000 : 4_000;
const ROUNDS = LONG ? 3 : 1;

/** The fault lasts so long; nothing is waited for. */
const lasts = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const isReady = async (node: Service): Promise<void> => {
  expect((await internal(node, '/readyz')).status).toBe(200);
};

describe.each(['redis', 'grpc'] as const)('three nodes behind HAProxy, RELAY=%s', (relay) => {
  let system: Awaited<ReturnType<typeof startSystem>>;

  beforeAll(async () => {
    system = await startSystem({ nodes: 3, env: { RELAY: relay } });
    for (const service of system.services()) void service.supervise(() => {});
  });
  afterAll(() => system.stop());

  async function underLoad(fault: (crowd: Crowd) => Promise<void>): Promise<Crowd> {
    const crowd = await chatters(system.url, PEOPLE);
    crowd.chat(PER_SECOND);
    await until(() => expect(crowd.said).toBeGreaterThan(PEOPLE * 2));
    const since = Date.now();
    await fault(crowd);
    const healed = Date.now();
    const { said } = crowd;
    await until(() => expect(crowd.said).toBeGreaterThan(said + PEOPLE * 2));
    await crowd.rest();
    expect(await crowd.faults(system.databaseUrl)).toEqual([]);
    process.stdout.write(
      `  RELAY=${relay}: ${crowd.said} messages; delivery p99 ${crowd.p99(since, healed)} ms in the fault, ${crowd.p99(healed)} ms after it\n`,
    );
    return crowd;
  }

  it('[N3] a node is killed and comes back', async () => {
    await underLoad(async () => {
      for (let round = 0; round < ROUNDS; round++) {
        for (const node of system.nodes) {
          node.signal('SIGKILL');
          await until(() => isReady(node));
        }
      }
    });
  }, 300_000);

  it.skipIf(relay === 'grpc' && !LONG)(
    '[N3] Redis is away and comes back',
    async () => {
      const redis = system.engines.redis as Service;
      await underLoad(async () => {
        redis.signal('SIGSTOP');
        await lasts(REDIS_AWAY_MS / 2);
        redis.signal('SIGKILL');
        await lasts(REDIS_AWAY_MS / 2);
        await until(() => expect(redis.running).toBe(true));
      });
      for (const node of system.nodes) await isReady(node);
    },
    300_000,
  );

  it('[N3] a node hangs and goes on', async () => {
    await underLoad(async () => {
      system.nodes[1]?.signal('SIGSTOP');
      await lasts(STOPPED_MS);
      system.nodes[1]?.signal('SIGCONT');
    });
  }, 300_000);

  it.skipIf(relay === 'grpc' && !LONG)(
    '[N4] [O9] nodes are restarted one after the other',
    async () => {
      const crowd = await underLoad(async () => {
        for (const node of system.nodes) {
          const { pid } = node;
          node.signal('SIGTERM');
          await node.gone();
          await until(() => {
            expect(node.pid).not.toBe(pid);
            return isReady(node);
          });
        }
      });
      expect(crowd.failed).toBe(0);
    },
    300_000,
  );
});
