import type { Redis } from 'ioredis';
import { z } from 'zod';
import { keys } from './keys.js';
import { LuaScript } from './lua-script.js';

const renewLease = new LuaScript('renew-lease', z.array(z.string()));

/** Who is there: each node keeps a lease under its name, with what others need to know of it. */
export class NodeLeases {
  constructor(private readonly redis: Redis) {}

  /** Renews this node's lease and returns the details of all whose leases run. Throws while Redis is away. */
  renew(name: string, details: string, ms: number): Promise<string[]> {
    return renewLease.run(this.redis, [keys.nodeLeases, keys.nodeDetails], [name, details, ms]);
  }

  async end(name: string): Promise<void> {
    await this.redis.zrem(keys.nodeLeases, name);
  }
}
