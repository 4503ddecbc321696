import {
  type Ban,
  BANS_MAX,
  ChatError,
  FOREVER,
  type JoinedRoom,
  type Member,
  MEMBER_PAGE_MAX,
  type OperationInput,
  type Person,
  type RoomId,
  type UserId,
} from '@maru/contract';
import { Injectable } from '@nestjs/common';
import { AuthService } from '../auth/index.js';
import { AdmissionService } from './admission.service.js';
import { BansRepository } from './bans.repository.js';
import { InvitesRepository } from './invites.repository.js';
import { type MemberRow, MembersRepository } from './members.repository.js';
import { type Mutation, RoomMutations } from './room-mutations.js';
import { allow, isAtLeast, mayInvite, outranks } from './room-rules.js';
import { RoomsRepository } from './rooms.repository.js';
import { RoomsService } from './rooms.service.js';

interface AboutMember {
  roomId: RoomId;
  userId: UserId;
}

/** What members of a room may do to each other. Each refuses with `not-member`, `forbidden` or `not-found`. */
@Injectable()
export class MembersService {
  constructor(
    private readonly auth: AuthService,
    private readonly rooms: RoomsRepository,
    private readonly members: MembersRepository,
    private readonly bans: BansRepository,
    private readonly invites: InvitesRepository,
    private readonly admission: AdmissionService,
    private readonly mutations: RoomMutations,
    private readonly roomsService: RoomsService,
  ) {}

  async add(actorId: UserId, { roomId, userId }: AboutMember): Promise<void> {
    const person = await this.find(userId);
    await this.mutations.run(roomId, actorId, async (mutation) => {
      allow(mayInvite(mutation.room.kind, mutation.member.role));
      mutation.requireOpen();
      await this.admission.admit(mutation, known(person));
    });
  }

  async setRole(actorId: UserId, { roomId, userId, role }: OperationInput<'member:role'>): Promise<void> {
    await this.change(actorId, { roomId, userId }, async (mutation, target, person) => {
      mutation.require('owner');
      allow(target.role !== 'owner');
      if (target.role === role) return;
      await this.members.setRole(mutation.transaction, roomId, userId, role);
      await mutation.append('role', person, { to: role, changesRights: true });
    });
  }

  async transfer(actorId: UserId, { roomId, userId }: AboutMember): Promise<JoinedRoom> {
    await this.change(actorId, { roomId, userId }, async (mutation, _target, person) => {
      mutation.require('owner');
      if (userId === actorId) return;
      await this.members.setRole(mutation.transaction, roomId, userId, 'owner');
      await this.members.setRole(mutation.transaction, roomId, actorId, 'admin');
      // nobody stands above an owner who could end it
      await this.members.setMuted(mutation.transaction, roomId, userId, null);
      await mutation.append('owner', person, { changesRights: true });
    });
    return this.roomsService.require(actorId, roomId);
  }

  async kick(actorId: UserId, about: AboutMember): Promise<void> {
    await this.change(actorId, about, async (mutation, target, person) => {
      this.requireAbove(mutation, target);
      await mutation.append('kicked', person, { changesRights: true });
      await this.remove(mutation, about.userId);
    });
  }

  async mute(actorId: UserId, { seconds, ...about }: OperationInput<'member:mute'>): Promise<void> {
    const until = seconds === null ? FOREVER : Date.now() + seconds * 1_000;
    await this.change(actorId, about, async (mutation, target, person) => {
      this.requireAbove(mutation, target);
      await this.members.setMuted(mutation.transaction, about.roomId, about.userId, until);
      await mutation.append('muted', person, { ...(seconds === null ? {} : { until }), changesRights: true });
    });
  }

  async unmute(actorId: UserId, about: AboutMember): Promise<void> {
    await this.change(actorId, about, async (mutation, target, person) => {
      this.requireAbove(mutation, target);
      if (target.mutedUntil === null) return;
      await this.members.setMuted(mutation.transaction, about.roomId, about.userId, null);
      await mutation.append('unmuted', person, { changesRights: true });
    });
  }

  /** Who is no member can be banned, too. Banning again sets the time and the reason anew. */
  async ban(actorId: UserId, { seconds, reason, ...about }: OperationInput<'member:ban'>): Promise<void> {
    const { roomId, userId } = about;
    const found = await this.find(userId);
    const until = seconds === null ? null : Date.now() + seconds * 1_000;
    await this.mutations.run(roomId, actorId, async (mutation) => {
      const { transaction } = mutation;
      const target = await this.members.find(transaction, roomId, userId);
      mutation.require('admin');
      allow(outranks(mutation.member.role, target?.role));
      const person = known(found);
      const count = await this.bans.count(transaction, roomId);
      const banned = await this.bans.find(transaction, roomId, userId);
      if (banned === undefined && count >= BANS_MAX) throw new ChatError('too-many');
      const createdAt = Date.now();
      await this.bans.put(transaction, roomId, { userId, until, reason: reason ?? null, bannedBy: actorId, createdAt });
      if (target === undefined) return;
      await mutation.append('banned', person, { ...(until === null ? {} : { until }), changesRights: true });
      await this.remove(mutation, userId);
    });
  }

  async unban(actorId: UserId, { roomId, userId }: AboutMember): Promise<void> {
    await this.mutations.run(roomId, actorId, async (mutation) => {
      mutation.require('admin', true);
      if (!(await this.bans.remove(mutation.transaction, roomId, userId))) throw new ChatError('not-found');
    });
  }

  async listBans(actorId: UserId, roomId: RoomId): Promise<Ban[]> {
    const membership = await this.members.membership(roomId, actorId);
    if (membership === undefined) throw new ChatError('not-member');
    allow(isAtLeast(membership.rights.role, 'admin'));
    const bans = await this.bans.list(roomId, BANS_MAX);
    const people = await this.peopleById(bans.map(({ userId }) => userId));
    return bans.flatMap(({ userId, ...ban }) => {
      const person = people.get(userId);
      return person === undefined ? [] : [{ person, ...ban }];
    });
  }

  async list(actorId: UserId, roomId: RoomId, after = 0): Promise<Member[]> {
    if ((await this.members.membership(roomId, actorId)) === undefined) throw new ChatError('not-member');
    const rows = await this.members.page(roomId, after, MEMBER_PAGE_MAX);
    const people = await this.peopleById(rows.map(({ userId }) => userId));
    return rows.flatMap(({ userId, ...row }) => {
      const person = people.get(userId);
      return person === undefined ? [] : [{ person, ...row }];
    });
  }

  /** Who may not do it at all is told so before he learns whether there is such a member. */
  private async change(
    actorId: UserId,
    { roomId, userId }: AboutMember,
    work: (mutation: Mutation, target: MemberRow, person: Person) => Promise<void>,
  ): Promise<void> {
    const person = await this.find(userId);
    await this.mutations.run(roomId, actorId, async (mutation) => {
      mutation.require('admin');
      const target = await this.members.find(mutation.transaction, roomId, userId);
      if (target === undefined) throw new ChatError('not-found');
      await work(mutation, target, known(person));
    });
  }

  private requireAbove(mutation: Mutation, target: MemberRow): void {
    allow(outranks(mutation.member.role, target.role));
  }

  /** With the membership go the invitations that this person made. */
  private async remove({ transaction, room }: Mutation, userId: UserId): Promise<void> {
    await this.members.remove(transaction, room.id, userId);
    await this.invites.removeAll(transaction, room.id, userId);
    await this.rooms.countOut(transaction, room.id);
  }

  private async find(userId: UserId): Promise<Person | undefined> {
    return (await this.auth.people([userId]))[0];
  }

  private async peopleById(ids: readonly UserId[]): Promise<Map<UserId, Person>> {
    return new Map((await this.auth.people(ids)).map((person) => [person.id, person]));
  }
}

/** Asked only once it is sure that the answer may be known. */
function known(person: Person | undefined): Person {
  if (person === undefined) throw new ChatError('not-found');
  return person;
}
