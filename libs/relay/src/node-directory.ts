import { type Logger } from '@maru/observability';
import { NodeLeases } from '@maru/redis';
import { z } from 'zod';
import type { Peer } from './link.js';

const RENEW_MS = 1_000;
/** A node that did not renew its lease for this long is not listed any more, milliseconds. */
const LEASE_MS = 5_000;

const Details = z.object({ name: z.string(), incarnation: z.string(), address: z.string() });

/** Which nodes there are, by leases in Redis. While Redis is away those known last are kept. */
export class NodeDirectory {
  private timer: NodeJS.Timeout | undefined;
  private self: Peer | undefined;
  private closed = false;
  private renewals = 0;
  private renewedAt = performance.now();

  constructor(
    private readonly leases: NodeLeases,
    private readonly logger: Logger,
  ) {}

  /** Leases are not renewed: there may be nodes that this one does not know. */
  get away(): boolean {
    return performance.now() - this.renewedAt > LEASE_MS;
  }

  start(self: Peer, changed: (peers: Peer[]) => void): void {
    this.self = self;
    const renew = async (): Promise<void> => {
      try {
        const { before, all } = await this.leases.renew(self.name, JSON.stringify(self), LEASE_MS);
        this.renewedAt = performance.now();
        if (this.closed) return;
        const listed = all.map((text) => Details.parse(JSON.parse(text)));
        const holder = before === '' ? undefined : Details.parse(JSON.parse(before));
        // at the first time it may be our own earlier life
        if (this.renewals++ > 0 && holder !== undefined && holder.incarnation !== self.incarnation) {
          this.logger.error({ node: self.name }, 'another node has the same NODE_NAME; give each its own');
        }
        changed(listed.filter(({ name }) => name !== self.name));
      } catch (error) {
        this.logger.debug({ reason: (error as Error).message }, 'the lease of this node was not renewed');
      } finally {
        if (!this.closed) this.timer = setTimeout(() => void renew(), RENEW_MS);
      }
    };
    void renew();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    if (this.self !== undefined) await this.leases.end(this.self.name, JSON.stringify(this.self)).catch(() => {});
  }
}
