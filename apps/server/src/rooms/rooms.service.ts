import {
  ChatError,
  type Entry,
  type Member,
  MEMBER_PAGE_MAX,
  type MyRooms,
  type Person,
  type PublicRoom,
  type Room,
  ROOM_LIST_MAX,
  type RoomId,
  type SystemEvent,
  type UserId,
} from '@maru/contract';
import type { Config } from '@maru/config';
import { Database, isDuplicate, type Transaction } from '@maru/database';
import { keys, type Rate, RateLimiter, RoomLock } from '@maru/redis';
import { type Head, LogDelivery, LogRepository, LogWriter } from '@maru/room-log';
import { Inject, Injectable } from '@nestjs/common';
import { uuidv7 } from 'uuidv7';
import { AuthService } from '../auth/index.js';
import { CONFIG } from '../config.token.js';
import { MembersRepository } from './members.repository.js';
import { RoomsRepository } from './rooms.repository.js';

const DIRECTORY_PAGE = 50;

interface Appended {
  entry: Entry;
  head: Head;
}

/** Changes of rooms. Each one writes its system entry in the transaction that makes it. */
@Injectable()
export class RoomsService {
  private readonly changeRate: Rate;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly database: Database,
    private readonly auth: AuthService,
    private readonly rooms: RoomsRepository,
    private readonly members: MembersRepository,
    private readonly log: LogRepository,
    private readonly writer: LogWriter,
    private readonly delivery: LogDelivery,
    private readonly limiter: RateLimiter,
    private readonly lock: RoomLock,
  ) {
    const perMinute = config.LIMIT_ROOM_CHANGES_PER_MINUTE;
    this.changeRate = { perSecond: perMinute / 60, burst: perMinute };
  }

  async create(owner: UserId, name: string): Promise<Room> {
    await this.takeToken(owner);
    const person = await this.auth.person(owner);
    const roomId = uuidv7() as RoomId;
    const appended = await this.database.write(async (transaction) => {
      await this.log.createHead(transaction, roomId);
      await this.append(transaction, roomId, person, 'created');
      await this.rooms.add(transaction, roomId, name, owner);
      const joined = await this.append(transaction, roomId, person, 'joined');
      await this.members.add(transaction, roomId, owner, 'owner', joined.head.seq);
      return joined;
    });
    this.tell(roomId, appended);
    return this.require(roomId);
  }

  /** Joining twice is no error. Throws `not-found`. */
  async join(roomId: RoomId, userId: UserId): Promise<Room> {
    await this.takeToken(userId);
    await this.require(roomId);
    const person = await this.auth.person(userId);
    await this.lock.hold(roomId, async () => {
      const appended = await this.database
        .write(async (transaction) => {
          const joined = await this.append(transaction, roomId, person, 'joined');
          await this.members.add(transaction, roomId, userId, 'member', joined.head.seq);
          await this.rooms.countMember(transaction, roomId, 1);
          return joined;
        })
        .catch((error: unknown) => {
          if (isDuplicate(error)) return undefined;
          throw error;
        });
      if (appended !== undefined) this.tell(roomId, appended);
    });
    return this.require(roomId);
  }

  /** Throws `not-member`, also for a room that does not exist. */
  async leave(roomId: RoomId, userId: UserId): Promise<void> {
    await this.takeToken(userId);
    const person = await this.auth.person(userId);
    await this.lock.hold(roomId, async () => {
      const appended = await this.database.write(async (transaction) => {
        const left = await this.append(transaction, roomId, person, 'left');
        if (!(await this.members.remove(transaction, roomId, userId))) throw new ChatError('not-member');
        await this.rooms.countMember(transaction, roomId, -1);
        return left;
      });
      this.tell(roomId, appended);
    });
  }

  async mine(userId: UserId): Promise<MyRooms> {
    const rooms = await this.rooms.ofMember(userId, ROOM_LIST_MAX);
    const newest = await this.log.newest(rooms.map((room) => room.id));
    const listed = rooms.map((room) => ({ ...room, last: newest.get(room.id) ?? null }));
    const authors = [...newest.values()].map((entry) => (entry.kind === 'message' ? entry.senderId : entry.userId));
    return {
      rooms: listed.toSorted((a, b) => (b.last?.createdAt ?? 0) - (a.last?.createdAt ?? 0)),
      people: await this.auth.people(authors),
    };
  }

  directory(userId: UserId, search = '', before?: RoomId): Promise<PublicRoom[]> {
    return this.rooms.directory(userId, search, before, DIRECTORY_PAGE);
  }

  /** Throws `not-member`. */
  async listMembers(roomId: RoomId, caller: UserId, after?: UserId): Promise<Member[]> {
    if ((await this.members.membership(roomId, caller)) === undefined) throw new ChatError('not-member');
    const rows = await this.members.page(roomId, after, MEMBER_PAGE_MAX);
    const people = new Map(
      (await this.auth.people(rows.map((row) => row.userId))).map((person) => [person.id, person]),
    );
    return rows.flatMap(({ userId, role, joinedSeq }) => {
      const person = people.get(userId);
      return person === undefined ? [] : [{ person, role, joinedSeq }];
    });
  }

  private async require(roomId: RoomId): Promise<Room> {
    const room = await this.rooms.find(roomId);
    if (room === undefined) throw new ChatError('not-found');
    return room;
  }

  private async append(
    transaction: Transaction,
    roomId: RoomId,
    { id: userId, displayName: name }: Person,
    event: SystemEvent,
  ): Promise<Appended> {
    const takesRightsAway = event === 'left';
    const appended = await this.log.appendSystem(transaction, roomId, { event, userId, name, takesRightsAway });
    if (appended === undefined) throw new ChatError('not-member');
    return appended;
  }

  /** After the commit: this node checks rights anew and brings the entry to its sockets, in order. */
  private tell(roomId: RoomId, { entry, head }: Appended): void {
    this.writer.raiseEpoch(roomId, head.rightsEpoch);
    this.delivery.publish(roomId, [entry]);
    this.delivery.accept(roomId, [entry]);
  }

  private async takeToken(userId: UserId): Promise<void> {
    await this.limiter.take(keys.roomChangeRate(userId), this.changeRate);
  }
}
