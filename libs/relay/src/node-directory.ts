import { type Logger } from '@maru/observability';
import { NodeLeases } from '@maru/redis';
import { z } from 'zod';
import type { Peer } from './link.js';

const RENEW_MS = 1_000;
/** A node that did not renew its lease for this long is not listed any more, milliseconds. */
const LEASE_MS = 5_000;

const Details = z.object({
  name: z.string(),
  incarnation: z.string(),
  address: z.string(),
  /** What all nodes must have alike, as a digest; a release before did not say. */
  setup: z.string().optional(),
});

/** Which nodes there are, by leases in Redis. While Redis is away those known last are kept. */
export class NodeDirectory {
  private timer: NodeJS.Timeout | undefined;
  private self: Peer | undefined;
  private closed = false;
  private renewals = 0;
  private renewedAt = performance.now();
  /** Incarnations that were complained of. */
  private readonly strange = new Set<string>();

  /** `setup`: a digest of what all nodes must have alike. */
  constructor(
    private readonly leases: NodeLeases,
    private readonly setup: string,
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
        const { before, all } = await this.leases.renew(self.name, this.details(self), LEASE_MS);
        this.renewedAt = performance.now();
        if (this.closed) return;
        const listed = all.map((text) => Details.parse(JSON.parse(text)));
        const holder = before === '' ? undefined : Details.parse(JSON.parse(before));
        // at the first time it may be our own earlier life
        if (this.renewals++ > 0 && holder !== undefined && holder.incarnation !== self.incarnation) {
          this.logger.error({ name: self.name }, 'another node has the same NODE_NAME; give each its own');
        }
        const others = listed.filter(({ name }) => name !== self.name);
        this.complain(others);
        changed(others);
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
    if (this.self !== undefined) await this.leases.end(this.self.name, this.details(this.self)).catch(() => {});
  }

  private details(self: Peer): string {
    return JSON.stringify({ ...self, setup: this.setup });
  }

  /** Of each once: they would go on as if nothing were wrong, and refuse each other's people. */
  private complain(others: readonly z.infer<typeof Details>[]): void {
    for (const { name, incarnation, setup } of others) {
      if (setup === undefined || setup === this.setup || this.strange.has(incarnation)) continue;
      this.strange.add(incarnation);
      this.logger.error({ other: name }, 'another node has a different JWT_SECRET, RELAY or EVENTS; give all the same');
    }
  }
}
