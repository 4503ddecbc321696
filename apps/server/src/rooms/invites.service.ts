import { randomBytes } from 'node:crypto';
import {
  ChatError,
  type Invite,
  type InviteCode,
  type InvitePreview,
  INVITES_MAX,
  type JoinedRoom,
  type OperationInput,
  type RoomId,
  type UserId,
} from '@maru/contract';
import { Injectable } from '@nestjs/common';
import { AuthService } from '../auth/index.js';
import { PersonLimits } from '../person-limits.js';
import { AdmissionService } from './admission.service.js';
import { InvitesRepository } from './invites.repository.js';
import { MembersRepository } from './members.repository.js';
import { RoomMutations } from './room-mutations.js';
import { allow, isAtLeast, mayInvite } from './room-rules.js';
import { RoomsRepository } from './rooms.repository.js';
import { RoomsService } from './rooms.service.js';

const CODE_BYTES = 16;

/** Codes that let people in. Whatever is wrong with one, it is `not-found`. */
@Injectable()
export class InvitesService {
  constructor(
    private readonly auth: AuthService,
    private readonly rooms: RoomsRepository,
    private readonly members: MembersRepository,
    private readonly invites: InvitesRepository,
    private readonly admission: AdmissionService,
    private readonly mutations: RoomMutations,
    private readonly limits: PersonLimits,
    private readonly roomsService: RoomsService,
  ) {}

  async create(actorId: UserId, wanted: OperationInput<'invite:create'>): Promise<Invite> {
    const { roomId, expiresInSeconds, maxUses } = wanted;
    return this.mutations.run(roomId, actorId, async (mutation) => {
      allow(mayInvite(mutation.room.kind, mutation.member.role));
      mutation.requireOpen();
      if ((await this.invites.count(mutation.transaction, roomId)) >= INVITES_MAX) throw new ChatError('too-many');
      const createdAt = Date.now();
      const invite: Invite = {
        code: randomBytes(CODE_BYTES).toString('base64url') as InviteCode,
        roomId,
        createdBy: actorId,
        createdAt,
        expiresAt: expiresInSeconds === null ? null : createdAt + expiresInSeconds * 1_000,
        maxUses,
        uses: 0,
      };
      await this.invites.add(mutation.transaction, invite);
      return invite;
    });
  }

  async revoke(actorId: UserId, { roomId, code }: OperationInput<'invite:revoke'>): Promise<void> {
    await this.mutations.run(roomId, actorId, async ({ transaction, room, member }) => {
      const all = isAtLeast(member.role, 'admin');
      allow(all || mayInvite(room.kind, member.role));
      if (!(await this.invites.remove(transaction, roomId, code, all ? undefined : actorId))) {
        throw new ChatError('not-found');
      }
    });
  }

  async list(actorId: UserId, roomId: RoomId): Promise<Invite[]> {
    const membership = await this.members.membership(roomId, actorId);
    if (membership === undefined) throw new ChatError('not-member');
    const all = isAtLeast(membership.rights.role, 'admin');
    const invites = await this.invites.list(roomId);
    return all ? invites : invites.filter(({ createdBy }) => createdBy === actorId);
  }

  async preview(userId: UserId, code: InviteCode): Promise<InvitePreview> {
    await this.limits.takeLookup(userId);
    const invite = await this.invites.find(code);
    const room = invite && (await this.rooms.record(invite.roomId));
    if (invite === undefined || room === undefined) throw new ChatError('not-found');
    if (await this.admission.isBanned(room.id, userId)) throw new ChatError('not-found');
    const { name, topic, kind, memberCount } = room;
    const { displayName: invitedBy } = await this.auth.person(invite.createdBy);
    const joined = await this.admission.isMember(room.id, userId);
    return { roomId: room.id, name, topic, kind, memberCount, joined, invitedBy };
  }

  /** Who is a member already uses nothing up. */
  async accept(userId: UserId, { code, password }: OperationInput<'invite:accept'>): Promise<JoinedRoom> {
    await this.limits.takeLookup(userId);
    const invite = await this.invites.find(code);
    const room = invite && (await this.rooms.record(invite.roomId));
    if (room === undefined) throw new ChatError('not-found');
    const isMember = await this.admission.isMember(room.id, userId);
    const checked = isMember ? null : await this.admission.checkPassword(room, userId, password);
    await this.mutations.enter(room.id, userId, async (mutation) => {
      if (mutation.actor !== undefined) return;
      await this.admission.assertNotBanned(mutation, userId);
      this.admission.assertStillFits(mutation, checked);
      if (!(await this.invites.use(mutation.transaction, code))) throw new ChatError('not-found');
      await this.admission.admit(mutation, mutation.person);
    });
    return this.roomsService.require(userId, room.id);
  }
}
