import type { Invite, InvitePreview, JoinedRoom, Member, MyRooms, OperationInput, PublicRoom } from '@maru/contract';
import { type Ban, MyRoomsQuery, type RoomPreferences, routes } from '@maru/contract';
import type { Identity } from '@maru/realtime';
import { Controller, Param, Query } from '@nestjs/common';
import type { z } from 'zod';
import { Caller } from '../http/caller.decorator.js';
import { Handles } from '../http/operation.decorator.js';
import { Serves } from '../http/route.decorator.js';
import { InvitesService } from './invites.service.js';
import { MembersService } from './members.service.js';
import { RoomListService } from './room-list.service.js';
import { RoomsService } from './rooms.service.js';

const { members, publicRooms } = routes;
type InRoom = z.output<typeof members.params>;

/** Operations come over REST and over sockets, reads over REST. */
@Controller()
export class RoomsController {
  constructor(
    private readonly rooms: RoomsService,
    private readonly list: RoomListService,
    private readonly members: MembersService,
    private readonly invites: InvitesService,
  ) {}

  @Handles('room:create')
  create({ userId }: Identity, input: OperationInput<'room:create'>): Promise<JoinedRoom> {
    return this.rooms.create(userId, input);
  }

  @Handles('room:direct')
  direct({ userId }: Identity, input: OperationInput<'room:direct'>): Promise<JoinedRoom> {
    return this.rooms.direct(userId, input.userId);
  }

  @Handles('room:join')
  join({ userId }: Identity, input: OperationInput<'room:join'>): Promise<JoinedRoom> {
    return this.rooms.join(userId, input);
  }

  @Handles('room:leave')
  leave({ userId }: Identity, { roomId }: OperationInput<'room:leave'>): Promise<void> {
    return this.rooms.leave(userId, roomId);
  }

  @Handles('room:update')
  update({ userId }: Identity, input: OperationInput<'room:update'>): Promise<JoinedRoom> {
    return this.rooms.update(userId, input);
  }

  @Handles('room:archive')
  archive({ userId }: Identity, { roomId, archived }: OperationInput<'room:archive'>): Promise<JoinedRoom> {
    return this.rooms.archive(userId, roomId, archived);
  }

  @Handles('room:delete')
  delete({ userId }: Identity, { roomId }: OperationInput<'room:delete'>): Promise<void> {
    return this.rooms.delete(userId, roomId);
  }

  @Handles('room:transfer')
  transfer({ userId }: Identity, input: OperationInput<'room:transfer'>): Promise<JoinedRoom> {
    return this.members.transfer(userId, input);
  }

  @Handles('member:add')
  add({ userId }: Identity, input: OperationInput<'member:add'>): Promise<void> {
    return this.members.add(userId, input);
  }

  @Handles('member:role')
  setRole({ userId }: Identity, input: OperationInput<'member:role'>): Promise<void> {
    return this.members.setRole(userId, input);
  }

  @Handles('member:kick')
  kick({ userId }: Identity, input: OperationInput<'member:kick'>): Promise<void> {
    return this.members.kick(userId, input);
  }

  @Handles('member:mute')
  mute({ userId }: Identity, input: OperationInput<'member:mute'>): Promise<void> {
    return this.members.mute(userId, input);
  }

  @Handles('member:unmute')
  unmute({ userId }: Identity, input: OperationInput<'member:unmute'>): Promise<void> {
    return this.members.unmute(userId, input);
  }

  @Handles('member:ban')
  ban({ userId }: Identity, input: OperationInput<'member:ban'>): Promise<void> {
    return this.members.ban(userId, input);
  }

  @Handles('member:unban')
  unban({ userId }: Identity, input: OperationInput<'member:unban'>): Promise<void> {
    return this.members.unban(userId, input);
  }

  @Handles('invite:create')
  invite({ userId }: Identity, input: OperationInput<'invite:create'>): Promise<Invite> {
    return this.invites.create(userId, input);
  }

  @Handles('invite:revoke')
  revoke({ userId }: Identity, input: OperationInput<'invite:revoke'>): Promise<void> {
    return this.invites.revoke(userId, input);
  }

  @Handles('invite:accept')
  accept({ userId }: Identity, input: OperationInput<'invite:accept'>): Promise<JoinedRoom> {
    return this.invites.accept(userId, input);
  }

  @Serves(publicRooms)
  async directory(
    @Caller() { userId }: Identity,
    @Query({ schema: publicRooms.query }) { search, before }: z.output<typeof publicRooms.query>,
  ): Promise<{ items: PublicRoom[] }> {
    return { items: await this.rooms.directory(userId, search, before) };
  }

  @Handles('room:prefer')
  prefer({ userId }: Identity, input: OperationInput<'room:prefer'>): Promise<RoomPreferences> {
    return this.list.prefer(userId, input);
  }

  @Serves(routes.myRooms)
  mine(@Caller() { userId }: Identity, @Query({ schema: MyRoomsQuery }) query: MyRoomsQuery): Promise<MyRooms> {
    return this.list.page(userId, query);
  }

  @Serves(routes.room)
  room(@Caller() { userId }: Identity, @Param({ schema: routes.room.params }) { roomId }: InRoom): Promise<JoinedRoom> {
    return this.rooms.require(userId, roomId);
  }

  @Serves(members)
  async listMembers(
    @Caller() { userId }: Identity,
    @Param({ schema: members.params }) { roomId }: InRoom,
    @Query({ schema: members.query }) { after }: z.output<typeof members.query>,
  ): Promise<{ items: Member[] }> {
    return { items: await this.members.list(userId, roomId, after) };
  }

  @Serves(routes.bans)
  async listBans(
    @Caller() { userId }: Identity,
    @Param({ schema: routes.bans.params }) { roomId }: InRoom,
  ): Promise<{ items: Ban[] }> {
    return { items: await this.members.listBans(userId, roomId) };
  }

  @Serves(routes.invites)
  async listInvites(
    @Caller() { userId }: Identity,
    @Param({ schema: routes.invites.params }) { roomId }: InRoom,
  ): Promise<{ items: Invite[] }> {
    return { items: await this.invites.list(userId, roomId) };
  }

  @Serves(routes.invite)
  preview(
    @Caller() { userId }: Identity,
    @Param({ schema: routes.invite.params }) { code }: z.output<typeof routes.invite.params>,
  ): Promise<InvitePreview> {
    return this.invites.preview(userId, code);
  }
}
