import { ChatError, type HistoryEntry, type Person, type Role, type RoomId, type UserId } from '@maru/contract';
import { Database, retryContention, type Transaction } from '@maru/database';
import { metrics } from '@maru/observability';
import type { RoomTurns } from '@maru/redis';
import { CommitFeed, type Head, LogRepository, LogWriter, type SystemFact } from '@maru/room-log';
import { Inject, Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import { AuthService } from '../auth/index.js';
import { PersonLimits } from '../person-limits.js';
import { ROOM_TURNS } from '../redis.token.js';
import { type MemberRow, MembersRepository } from './members.repository.js';
import { allow, isAtLeast } from './room-rules.js';
import { type RoomRecord, RoomsRepository } from './rooms.repository.js';

/** Mutations of this node that are in the database at a time: the pool's other connections are for everybody else. */
const AT_ONCE = 4;
const WAITING_MAX = 2_000;

/** One change of a room, inside its transaction and under the room's row lock. */
export class Mutation {
  readonly entries: HistoryEntry[] = [];
  /** The members' seq before it. */
  readonly membersBefore: number;

  constructor(
    readonly transaction: Transaction,
    readonly room: RoomRecord,
    /** Who makes the change, and what he is in this room. */
    readonly person: Person,
    readonly actor: MemberRow | undefined,
    public head: Head,
    private readonly log: LogRepository,
  ) {
    this.membersBefore = head.membersSeq;
  }

  /** Throws `not-member`. */
  get member(): MemberRow {
    if (this.actor === undefined) throw new ChatError('not-member');
    return this.actor;
  }

  /** Throws `not-member`, `forbidden`, or, unless it does not matter, `archived`. */
  require(least: Role, evenArchived = false): MemberRow {
    const { member } = this;
    allow(isAtLeast(member.role, least));
    if (!evenArchived) this.requireOpen();
    return member;
  }

  requireOpen(): void {
    if (this.room.archived) throw new ChatError('archived');
  }

  /** Appends what happened, to whom, and, where that was somebody else, by whom. */
  async append(
    event: SystemFact['event'],
    about: Person,
    { changesRights = false, ...details }: Partial<SystemFact> & { changesRights?: boolean } = {},
  ): Promise<HistoryEntry> {
    const { person } = this;
    const fact: SystemFact = {
      event,
      userId: about.id,
      name: about.displayName,
      ...(about.id === person.id ? {} : { by: { userId: person.id, name: person.displayName } }),
      ...details,
    };
    const { entry, head } = await this.log.appendSystem(this.transaction, this.head, fact, changesRights);
    this.head = head;
    this.entries.push(entry);
    return entry;
  }
}

/**
 * Every change of a room or of a membership goes through here: a token, the room's turn, then one transaction that takes
 * the room's row lock first. Under it nothing else happens in this room, with or without the turn. After the commit the
 * entries are told, in order.
 */
@Injectable()
export class RoomMutations {
  private readonly inTurn = pLimit(AT_ONCE);

  constructor(
    private readonly database: Database,
    private readonly auth: AuthService,
    private readonly rooms: RoomsRepository,
    private readonly members: MembersRepository,
    private readonly log: LogRepository,
    private readonly writer: LogWriter,
    private readonly feed: CommitFeed,
    private readonly limits: PersonLimits,
    @Inject(ROOM_TURNS) private readonly turns: RoomTurns,
  ) {
    metrics.roomMutationsQueue.readsFrom(() => this.inTurn.pendingCount);
  }

  /** Changes a room as one of its members. A room that does not exist is one whose member one is not: `not-member`. */
  async run<T>(roomId: RoomId, actorId: UserId, work: (mutation: Mutation) => Promise<T>): Promise<T> {
    return this.change(roomId, actorId, 'not-member', work);
  }

  /** Changes a room from outside. One that does not exist is `not-found`. */
  async enter<T>(roomId: RoomId, actorId: UserId, work: (mutation: Mutation) => Promise<T>): Promise<T> {
    return this.change(roomId, actorId, 'not-found', work);
  }

  /** Makes a room. */
  async make<T>(room: RoomRecord, actorId: UserId, work: (mutation: Mutation) => Promise<T>): Promise<T> {
    await this.limits.takeRoomChange(actorId);
    const person = await this.auth.person(actorId);
    return this.commit(
      room.id,
      async (transaction) => {
        await this.log.createHead(transaction, room.id);
        const head = await this.log.lockHead(transaction, room.id);
        if (head === undefined) throw new ChatError('internal');
        return new Mutation(transaction, room, person, undefined, head, this.log);
      },
      work,
    );
  }

  private async change<T>(
    roomId: RoomId,
    actorId: UserId,
    missing: 'not-member' | 'not-found',
    work: (mutation: Mutation) => Promise<T>,
  ): Promise<T> {
    await this.limits.takeRoomChange(actorId);
    const person = await this.auth.person(actorId);
    return this.turns.hold(roomId, () =>
      this.commit(
        roomId,
        async (transaction) => {
          const head = await this.log.lockHead(transaction, roomId);
          const room = head && (await this.rooms.record(roomId, transaction));
          if (head === undefined || room === undefined) throw new ChatError(missing);
          const actor = await this.members.find(transaction, roomId, actorId);
          return new Mutation(transaction, room, person, actor, head, this.log);
        },
        work,
      ),
    );
  }

  private async commit<T>(
    roomId: RoomId,
    start: (transaction: Transaction) => Promise<Mutation>,
    work: (mutation: Mutation) => Promise<T>,
  ): Promise<T> {
    if (this.inTurn.pendingCount >= WAITING_MAX) throw new ChatError('overloaded', { retryAfterMs: 1_000 });
    const write = async (): Promise<{ result: T; mutation: Mutation }> =>
      this.database.write(async (transaction) => {
        const mutation = await start(transaction);
        return { result: await work(mutation), mutation };
      });
    const { result, mutation } = await this.inTurn(() => retryContention(write));
    this.tell(roomId, mutation);
    return result;
  }

  /** This node checks rights anew and brings the entries to its sockets, in order. */
  private tell(roomId: RoomId, { head, membersBefore, entries }: Mutation): void {
    if (entries.length === 0) return;
    this.writer.raiseEpoch(roomId, head.rightsEpoch);
    this.feed.publish(roomId, entries, membersBefore);
    this.feed.accept(roomId, entries);
  }
}
