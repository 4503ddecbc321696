import { ChatError, type RoomId, type UserId } from '@maru/contract';
import { metrics } from '@maru/observability';
import { LogDelivery, LogWriter, type Rights } from '@maru/room-log';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { type Membership, MembersRepository } from './members.repository.js';

interface Granted {
  rights: Rights;
  /** How many changes of rights this node had heard of when this was asked for. */
  asOf: number;
}

/**
 * May this person write to this room? Only a yes is remembered, together with the rights epoch it was read under; it
 * counts until this node meets a newer epoch, and the writer's transaction checks it once more. A no is always asked
 * for on the primary.
 */
@Injectable()
export class RoomRights {
  private readonly granted = new LRUCache<string, Granted>({ max: 100_000 });
  /** When this node last heard of something in a room that may change rights, counted. */
  private readonly changes = new LRUCache<RoomId, number>({ max: 50_000 });
  private count = 0;
  private readonly asking = new Map<string, Promise<Rights>>();

  constructor(
    private readonly members: MembersRepository,
    private readonly writer: LogWriter,
    delivery: LogDelivery,
  ) {
    delivery.observe({ changed: (roomId) => this.changes.set(roomId, ++this.count) });
  }

  /** Throws `not-member`, also for a room that does not exist, `muted` and `archived`. */
  async requireWriter(roomId: RoomId, userId: UserId): Promise<Rights> {
    const key = roomId + userId;
    const known = this.known(roomId, userId);
    if (known !== undefined) return known;
    // only a yes is shared: a no that was asked for before may be older than a join that this caller knows of
    const asked = this.asking.get(key);
    const shared = asked && (await asked.catch(() => undefined));
    return shared ?? this.ask(key, roomId, userId);
  }

  /** May this person read here? Throws `not-member`. */
  async requireMember(roomId: RoomId, userId: UserId): Promise<void> {
    if (this.known(roomId, userId) === undefined) await this.requireMembership(roomId, userId);
  }

  /** Membership and head as they are now. Throws `not-member`. */
  async requireMembership(roomId: RoomId, userId: UserId): Promise<Membership> {
    const asOf = this.count;
    const membership = await this.members.membership(roomId, userId);
    if (membership === undefined) throw new ChatError('not-member');
    if (membership.refusal === undefined) this.granted.set(roomId + userId, { rights: membership.rights, asOf });
    return membership;
  }

  private known(roomId: RoomId, userId: UserId): Rights | undefined {
    const granted = this.granted.get(roomId + userId);
    const good = granted !== undefined && this.isGood(roomId, granted);
    metrics.cacheReads.inc({ cache: 'memberships', outcome: good ? 'hit' : 'miss' });
    return good ? granted.rights : undefined;
  }

  /** Nothing newer has been heard of, neither by the writer nor by delivery. */
  private isGood(roomId: RoomId, { rights, asOf }: Granted): boolean {
    return rights.epoch >= this.writer.newestEpoch(roomId) && asOf >= (this.changes.get(roomId) ?? 0);
  }

  private ask(key: string, roomId: RoomId, userId: UserId): Promise<Rights> {
    const asked = this.requireMembership(roomId, userId).then(({ rights, refusal }) => {
      if (refusal !== undefined) throw refusal;
      return rights;
    });
    this.asking.set(key, asked);
    const forget = (): void => {
      if (this.asking.get(key) === asked) this.asking.delete(key);
    };
    asked.then(forget, forget);
    return asked;
  }
}
