import type { UserId } from '@maru/contract';
import { z } from 'zod';
import { keys } from './keys.js';
import { LuaScript } from './lua-script.js';
import type { RedisClient } from './redis-connection.js';
import { callSlots } from './slots.js';

const renewPresence = new LuaScript('renew-presence', z.number());
const endPresence = new LuaScript('end-presence', z.number());
const readPresence = new LuaScript('read-presence', z.array(z.tuple([z.number(), z.number()])));

/** Keys of one call; a script must not keep the server long. */
const BATCH = 500;

/** One connection of a person, as it is leased. */
export interface PresenceLease {
  userId: UserId;
  /** Unique among all connections of all nodes. */
  connection: string;
  away: boolean;
}

export interface PresenceRead {
  status: 'offline' | 'away' | 'online';
  lastSeenAt: number | null;
}

const STATUS = ['offline', 'away', 'online'] as const;

/** Who is there, across nodes and devices: a lease for each connection, and what follows from them for each person. */
export class PresenceLeases {
  constructor(private readonly redis: RedisClient) {}

  /** Throws while Redis is away. */
  async renew(leases: readonly PresenceLease[], ms: number): Promise<void> {
    await this.inBatches(leases, (some) =>
      renewPresence.run(this.redis, keysOf(some), [ms, ...some.flatMap(members)]).then(() => []),
    );
  }

  /** Throws while Redis is away. */
  async end(leases: readonly PresenceLease[]): Promise<void> {
    await this.inBatches(leases, (some) =>
      endPresence.run(this.redis, keysOf(some), some.flatMap(members)).then(() => []),
    );
  }

  /** In the order of the ids. Throws while Redis is away. */
  async read(userIds: readonly UserId[]): Promise<PresenceRead[]> {
    const people = userIds.map((userId) => ({ userId }));
    const answers = await this.inBatches(people, (some) => readPresence.run(this.redis, keysOf(some), []));
    return answers.map(([status, seen]) => ({
      status: STATUS[status] ?? 'offline',
      lastSeenAt: seen === 0 ? null : seen,
    }));
  }

  private async inBatches<T extends { userId: UserId }, A>(
    items: readonly T[],
    call: (some: readonly T[]) => Promise<readonly A[]>,
  ): Promise<A[]> {
    const answers: A[] = [];
    for (let i = 0; i < items.length; i += BATCH) {
      const batch = items.slice(i, i + BATCH);
      answers.push(...(await callSlots(this.redis, batch, ({ userId }) => keys.presence(userId), call)));
    }
    return answers;
  }
}

const keysOf = (of: readonly { userId: UserId }[]): string[] =>
  of.flatMap(({ userId }) => [keys.presence(userId), keys.seen(userId)]);

/** The member a connection has now, and the one it has in its other state. */
const members = ({ connection, away }: PresenceLease): string[] => {
  const [active, idle] = [`a:${connection}`, `i:${connection}`];
  return away ? [idle, active] : [active, idle];
};
