import { ChatError, type RoomId, type UserId } from '@maru/contract';
import { LogWriter, type Rights } from '@maru/room-log';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { type Membership, MembersRepository } from './members.repository.js';

/**
 * May this person write to this room? Only a yes is remembered, together with the rights epoch it was read under; it
 * counts until this node meets a newer epoch, and the writer's transaction checks it once more. A no is always asked
 * for on the primary.
 */
@Injectable()
export class RoomRights {
  private readonly granted = new LRUCache<string, Rights>({ max: 100_000 });
  private readonly asking = new Map<string, Promise<Rights>>();

  constructor(
    private readonly members: MembersRepository,
    private readonly writer: LogWriter,
  ) {}

  /** Throws `not-member`, also for a room that does not exist, `muted` and `archived`. */
  async requireWriter(roomId: RoomId, userId: UserId): Promise<Rights> {
    const key = roomId + userId;
    const granted = this.granted.get(key);
    if (granted !== undefined && granted.epoch >= this.writer.newestEpoch(roomId)) return granted;
    // only a yes is shared: a no that was asked for before may be older than a join that this caller knows of
    const asked = this.asking.get(key);
    const shared = asked && (await asked.catch(() => undefined));
    return shared ?? this.ask(key, roomId, userId);
  }

  /** Membership and head as they are now. Throws `not-member`. */
  async requireMembership(roomId: RoomId, userId: UserId): Promise<Membership> {
    const membership = await this.members.membership(roomId, userId);
    if (membership === undefined) throw new ChatError('not-member');
    if (membership.refusal === undefined) this.granted.set(roomId + userId, membership.rights);
    return membership;
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
