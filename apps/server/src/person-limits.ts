import type { Config } from '@maru/config';
import type { UserId } from '@maru/contract';
import { keys, type Limit, RateLimiter } from '@maru/redis';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from './config.token.js';

/** How fast one person may do what, over all connections. Each throws `rate-limited`. */
@Injectable()
export class PersonLimits {
  private readonly sends: Limit;
  private readonly changes: Limit;
  private readonly roomChanges: Limit;
  private readonly lookups: Limit;
  private readonly reads: Limit;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly limiter: RateLimiter,
  ) {
    const perMinute = (name: string, count: number): Limit => ({ name, perSecond: count / 60, burst: count });
    this.sends = { name: 'sends', perSecond: config.LIMIT_SEND_PER_SECOND, burst: config.LIMIT_SEND_BURST };
    this.changes = { name: 'changes', perSecond: config.LIMIT_CHANGES_PER_SECOND, burst: config.LIMIT_CHANGES_BURST };
    this.roomChanges = perMinute('room changes', config.LIMIT_ROOM_CHANGES_PER_MINUTE);
    this.lookups = perMinute('lookups', config.LIMIT_LOOKUPS_PER_MINUTE);
    this.reads = { name: 'reads', perSecond: config.LIMIT_READS_PER_SECOND, burst: config.LIMIT_READS_BURST };
  }

  takeSend(userId: UserId): Promise<void> {
    return this.limiter.take(keys.sendRate(userId), this.sends);
  }

  takeChange(userId: UserId): Promise<void> {
    return this.limiter.take(keys.changeRate(userId), this.changes);
  }

  takeRoomChange(userId: UserId): Promise<void> {
    return this.limiter.take(keys.roomChangeRate(userId), this.roomChanges);
  }

  takeRead(userId: UserId): Promise<void> {
    return this.limiter.take(keys.readRate(userId), this.reads);
  }

  takeLookup(userId: UserId): Promise<void> {
    return this.limiter.take(keys.lookupRate(userId), this.lookups);
  }
}
