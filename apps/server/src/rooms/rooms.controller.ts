import { CreateRoom, type Member, type MyRooms, type PublicRoom, type Room, routes } from '@maru/contract';
import type { Identity } from '@maru/realtime';
import { Body, Controller, Param, Query } from '@nestjs/common';
import type { z } from 'zod';
import { Caller } from '../http/caller.decorator.js';
import { Serves } from '../http/route.decorator.js';
import { RoomsService } from './rooms.service.js';

const { joinRoom, leaveRoom, members, publicRooms } = routes;
type InRoom = z.output<typeof joinRoom.params>;

@Controller()
export class RoomsController {
  constructor(private readonly rooms: RoomsService) {}

  @Serves(routes.createRoom)
  create(@Caller() caller: Identity, @Body({ schema: CreateRoom }) { name }: CreateRoom): Promise<Room> {
    return this.rooms.create(caller.userId, name);
  }

  @Serves(publicRooms)
  async directory(
    @Caller() caller: Identity,
    @Query({ schema: publicRooms.query }) { search, before }: z.output<typeof publicRooms.query>,
  ): Promise<{ items: PublicRoom[] }> {
    return { items: await this.rooms.directory(caller.userId, search, before) };
  }

  @Serves(routes.myRooms)
  mine(@Caller() caller: Identity): Promise<MyRooms> {
    return this.rooms.mine(caller.userId);
  }

  @Serves(joinRoom)
  join(@Caller() caller: Identity, @Param({ schema: joinRoom.params }) { roomId }: InRoom): Promise<Room> {
    return this.rooms.join(roomId, caller.userId);
  }

  @Serves(leaveRoom)
  leave(@Caller() caller: Identity, @Param({ schema: leaveRoom.params }) { roomId }: InRoom): Promise<void> {
    return this.rooms.leave(roomId, caller.userId);
  }

  @Serves(members)
  async listMembers(
    @Caller() caller: Identity,
    @Param({ schema: members.params }) { roomId }: InRoom,
    @Query({ schema: members.query }) { after }: z.output<typeof members.query>,
  ): Promise<{ items: Member[] }> {
    return { items: await this.rooms.listMembers(roomId, caller.userId, after) };
  }
}
