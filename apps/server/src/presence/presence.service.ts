import { ChatError, MEMBER_PAGE_MAX, type Presence, type RoomId, type UserId } from '@maru/contract';
import { metrics, type Logger } from '@maru/observability';
import { BroadcastFrame, type Viewer } from '@maru/realtime';
import { type PresenceLease, PresenceLeases } from '@maru/redis';
import { Relay } from '@maru/relay';
import { LogDelivery } from '@maru/room-log';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LOGGER } from '../config.token.js';
import { REDIS, type RedisClient } from '../redis.token.js';
import { MembersRepository } from '../rooms/index.js';

/** A connection whose node died is forgotten after this, milliseconds. */
const LEASE_MS = 12_000;
/** How often leases are renewed, and everybody who is followed is looked at. */
const RENEW_MS = 4_000;
/** Changes that come within this time are told together. */
const GATHER_MS = 300;

interface FollowedRoom {
  members: Set<UserId>;
}

/**
 * Who is there. Each connection has a lease in Redis; what a person is follows from all leases of all nodes. This node
 * follows the members of the rooms that its sockets view, and tells those sockets. What it is told by others only says
 * whom to look at; what it looks at now and then finds the rest.
 */
@Injectable()
export class PresenceService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly leases: PresenceLeases;
  private readonly connections = new Map<Viewer, PresenceLease>();
  private readonly rooms = new Map<RoomId, Promise<FollowedRoom>>();
  private readonly roomsOf = new Map<UserId, Set<RoomId>>();
  private readonly known = new Map<UserId, Presence>();
  private unleased = new Set<Viewer>();
  private ended: PresenceLease[] = [];
  private dirty = new Set<UserId>();
  private timers: NodeJS.Timeout[] = [];
  private refreshing = false;

  constructor(
    @Inject(REDIS) private readonly redis: RedisClient,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly relay: Relay,
    private readonly delivery: LogDelivery,
    private readonly members: MembersRepository,
  ) {
    this.leases = new PresenceLeases(redis);
    relay.listen({
      signal: (signal) => {
        if (signal.kind === 'presence') for (const userId of signal.userIds) this.look(userId);
      },
    });
    delivery.observe({
      viewed: (viewer, roomId) => void this.follow(viewer, roomId),
      joined: (roomId, userId) => void this.addMember(roomId, userId),
      left: (roomId, userId) => void this.removeMember(roomId, userId),
    });
  }

  onApplicationBootstrap(): void {
    this.timers = [
      setInterval(() => void this.refresh(), GATHER_MS),
      setInterval(() => void this.renew([...this.connections.values()]), RENEW_MS),
      setInterval(() => this.lookAtAll(), RENEW_MS),
    ];
    // Redis came back, perhaps empty
    this.redis.on('ready', () => void this.renew([...this.connections.values()]));
  }

  /** The node ends: who was connected here is not any more. */
  async onApplicationShutdown(): Promise<void> {
    this.timers.forEach(clearInterval);
    await this.leases.end([...this.ended, ...this.connections.values()]).catch(() => {});
  }

  connected(viewer: Viewer): void {
    const { userId } = viewer.identity;
    this.connections.set(viewer, { userId, connection: viewer.id, away: false });
    this.unleased.add(viewer);
  }

  disconnected(viewer: Viewer): void {
    const lease = this.connections.get(viewer);
    if (lease === undefined) return;
    this.connections.delete(viewer);
    this.unleased.delete(viewer);
    this.ended.push(lease);
  }

  setAway(viewer: Viewer, away: boolean): void {
    const lease = this.connections.get(viewer);
    if (lease === undefined || lease.away === away) return;
    lease.away = away;
    this.unleased.add(viewer);
  }

  /** In the order of the ids. Throws `unavailable` while Redis is away. */
  async read(userIds: readonly UserId[]): Promise<Presence[]> {
    try {
      const read = await this.leases.read(userIds);
      return userIds.map((userId, i) => ({ userId, ...(read[i] ?? { status: 'offline', lastSeenAt: null }) }));
    } catch (cause) {
      throw new ChatError('unavailable', { retryAfterMs: 1_000, cause });
    }
  }

  /** A socket views a room from now on: tell it who is there, and follow the members. */
  private async follow(viewer: Viewer, roomId: RoomId): Promise<void> {
    try {
      const { members } = await this.room(roomId);
      const people = [...members].flatMap((userId) => this.known.get(userId) ?? []);
      if (people.length > 0) viewer.send(new BroadcastFrame('presence:changed', { people }));
    } catch (error) {
      this.logger.debug({ reason: (error as Error).message }, 'the members of a room could not be read');
    }
  }

  private room(roomId: RoomId): Promise<FollowedRoom> {
    const followed = this.rooms.get(roomId);
    if (followed !== undefined) return followed;
    const loaded = this.members.page(roomId, 0, MEMBER_PAGE_MAX).then((rows) => {
      const room = { members: new Set(rows.map(({ userId }) => userId)) };
      for (const userId of room.members) this.attach(roomId, userId);
      return room;
    });
    this.rooms.set(roomId, loaded);
    loaded.catch(() => this.rooms.delete(roomId));
    return loaded;
  }

  private attach(roomId: RoomId, userId: UserId): void {
    const rooms = this.roomsOf.get(userId) ?? new Set<RoomId>();
    this.roomsOf.set(userId, rooms.add(roomId));
    this.look(userId);
  }

  private detach(roomId: RoomId, userId: UserId): void {
    const rooms = this.roomsOf.get(userId);
    if (!rooms?.delete(roomId) || rooms.size > 0) return;
    this.roomsOf.delete(userId);
    this.known.delete(userId);
  }

  private async addMember(roomId: RoomId, userId: UserId): Promise<void> {
    const room = await this.rooms.get(roomId)?.catch(() => undefined);
    if (room === undefined || room.members.size >= MEMBER_PAGE_MAX) return;
    room.members.add(userId);
    // told anew, because those who view this room did not follow this person
    this.known.delete(userId);
    this.attach(roomId, userId);
  }

  private async removeMember(roomId: RoomId, userId: UserId): Promise<void> {
    const room = await this.rooms.get(roomId)?.catch(() => undefined);
    if (room?.members.delete(userId)) this.detach(roomId, userId);
  }

  private look(userId: UserId): void {
    if (this.roomsOf.has(userId)) this.dirty.add(userId);
  }

  /** Finds what no signal told of: a node that died, a signal that was lost. Rooms that nobody views are let go. */
  private lookAtAll(): void {
    for (const [roomId, loading] of this.rooms) {
      if (!this.delivery.viewers(roomId).next().done) continue;
      this.rooms.delete(roomId);
      void loading.then(
        ({ members }) => members.forEach((userId) => this.detach(roomId, userId)),
        () => {},
      );
    }
    for (const userId of this.roomsOf.keys()) this.dirty.add(userId);
    metrics.presencePeople.set(this.roomsOf.size);
  }

  /** Writes what changed here, tells the other nodes, and reads whom there is reason to look at. */
  private async refresh(): Promise<void> {
    if (this.refreshing) return;
    this.refreshing = true;
    try {
      await this.write();
      await this.readDirty();
    } catch (error) {
      this.logger.debug({ reason: (error as Error).message }, 'presence could not be refreshed; trying again');
    } finally {
      this.refreshing = false;
    }
  }

  private async write(): Promise<void> {
    const [ended, unleased] = [this.ended, this.unleased];
    if (ended.length === 0 && unleased.size === 0) return;
    [this.ended, this.unleased] = [[], new Set()];
    const renewed = [...unleased].flatMap((viewer) => this.connections.get(viewer) ?? []);
    try {
      await this.leases.end(ended);
      await this.leases.renew(renewed, LEASE_MS);
    } catch (error) {
      // ended leases run out by themselves; those that run are renewed in a moment
      for (const { userId } of ended) this.look(userId);
      throw error;
    }
    const userIds = [...new Set([...ended, ...renewed].map(({ userId }) => userId))];
    for (const userId of userIds) this.look(userId);
    this.relay.signal({ kind: 'presence', userIds });
  }

  private async readDirty(): Promise<void> {
    if (this.dirty.size === 0) return;
    const userIds = [...this.dirty].filter((userId) => this.roomsOf.has(userId));
    this.dirty = new Set();
    let read: Presence[];
    try {
      read = await this.read(userIds);
    } catch (error) {
      for (const userId of userIds) this.dirty.add(userId);
      throw error;
    }
    const changed = read.filter((now) => {
      const before = this.known.get(now.userId);
      if (!this.roomsOf.has(now.userId)) return false;
      this.known.set(now.userId, now);
      // also who is offline is told the first time: somebody may remember him online from an earlier visit
      return before?.status !== now.status;
    });
    this.tell(changed);
  }

  /** One frame per room, encoded once. Who shares two rooms hears it twice; it is absolute. */
  private tell(changed: readonly Presence[]): void {
    const byRoom = new Map<RoomId, Presence[]>();
    for (const presence of changed) {
      for (const roomId of this.roomsOf.get(presence.userId) ?? []) {
        const people = byRoom.get(roomId);
        if (people === undefined) byRoom.set(roomId, [presence]);
        else people.push(presence);
      }
    }
    for (const [roomId, people] of byRoom) {
      const frame = new BroadcastFrame('presence:changed', { people });
      for (const viewer of this.delivery.viewers(roomId)) viewer.send(frame);
    }
  }

  private async renew(leases: readonly PresenceLease[]): Promise<void> {
    await this.leases
      .renew(leases, LEASE_MS)
      .catch((error: unknown) => this.logger.debug({ reason: (error as Error).message }, 'leases were not renewed'));
  }
}
