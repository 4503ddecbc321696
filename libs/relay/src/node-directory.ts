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

  constructor(
    private readonly leases: NodeLeases,
    private readonly logger: Logger,
  ) {}

  start(self: Peer, changed: (peers: Peer[]) => void): void {
    this.self = self;
    const renew = async (): Promise<void> => {
      try {
        const listed = (await this.leases.renew(self.name, JSON.stringify(self), LEASE_MS)).map((text) =>
          Details.parse(JSON.parse(text)),
        );
        if (this.closed) return;
        const impostor = listed.find(({ name, incarnation }) => name === self.name && incarnation !== self.incarnation);
        if (impostor !== undefined) this.logger.error('another node has the same NODE_NAME');
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
    if (this.self !== undefined) await this.leases.end(this.self.name).catch(() => {});
  }
}
