import { z } from 'zod';
import { keys } from './keys.js';
import { LuaScript } from './lua-script.js';
import type { RedisClient } from './redis-connection.js';

const renewLease = new LuaScript('renew-lease', z.array(z.string()));
const endLease = new LuaScript('end-lease', z.number());

/** Who is there: each node keeps a lease under its name, with what others need to know of it. */
export class NodeLeases {
  constructor(private readonly redis: RedisClient) {}

  /**
   * Renews this node's lease. Returns the details that stood under its name until now, empty if none did, and those of
   * all whose leases run. Throws while Redis is away.
   */
  async renew(name: string, details: string, ms: number): Promise<{ before: string; all: string[] }> {
    const answer = await renewLease.run(this.redis, [keys.nodeLeases, keys.nodeDetails], [name, details, ms]);
    const [before = '', ...all] = answer;
    return { before, all };
  }

  /** Ends the lease, unless another has taken the name. */
  async end(name: string, details: string): Promise<void> {
    await endLease.run(this.redis, [keys.nodeLeases, keys.nodeDetails], [name, details]);
  }
}
