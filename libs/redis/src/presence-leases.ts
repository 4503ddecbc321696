import type { UserId } from '@maru/contract';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { keys } from './keys.js';
import { LuaScript } from './lua-script.js';

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
  constructor(private readonly redis: Redis) {}

  /** Throws while Redis is away. */
  async renew(leases: readonly PresenceLease[], ms: number): Promise<void> {
    for (let i = 0; i < leases.length; i += BATCH) {
      const batch = leases.slice(i, i + BATCH);
      await renewPresence.run(this.redis, keysOf(batch), [ms, ...batch.flatMap(members)]);
    }
  }

  /** Throws while Redis is away. */
  async end(leases: readonly PresenceLease[]): Promise<void> {
    for (let i = 0; i < leases.length; i += BATCH) {
      const batch = leases.slice(i, i + BATCH);
      await endPresence.run(this.redis, keysOf(batch), batch.flatMap(members));
    }
  }

  /** In the order of the ids. Throws while Redis is away. */
  async read(userIds: readonly UserId[]): Promise<PresenceRead[]> {
    const answers: PresenceRead[] = [];
    for (let i = 0; i < userIds.length; i += BATCH) {
      const batch = userIds.slice(i, i + BATCH).map((userId) => ({ userId }));
      for (const [status, seen] of await readPresence.run(this.redis, keysOf(batch), [])) {
        answers.push({ status: STATUS[status] ?? 'offline', lastSeenAt: seen === 0 ? null : seen });
      }
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
