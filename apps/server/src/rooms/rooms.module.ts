import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { AdmissionService } from './admission.service.js';
import { BansRepository } from './bans.repository.js';
import { DeletedRoomsService } from './deleted-rooms.service.js';
import { InvitesRepository } from './invites.repository.js';
import { InvitesService } from './invites.service.js';
import { MembersModule } from './members.module.js';
import { MembersService } from './members.service.js';
import { PreferencesRepository } from './preferences.repository.js';
import { RoomActivityRepository } from './room-activity.repository.js';
import { RoomListProjection } from './room-list.projection.js';
import { RoomListRepository } from './room-list.repository.js';
import { RoomListService } from './room-list.service.js';
import { RoomMutations } from './room-mutations.js';
import { RoomRights } from './room-rights.js';
import { RoomsController } from './rooms.controller.js';
import { RoomsGateway } from './rooms.gateway.js';
import { RoomsRepository } from './rooms.repository.js';
import { RoomsService } from './rooms.service.js';

@Module({
  imports: [AuthModule, MembersModule],
  controllers: [RoomListProjection, RoomsController],
  providers: [
    AdmissionService,
    BansRepository,
    DeletedRoomsService,
    InvitesRepository,
    InvitesService,
    MembersService,
    PreferencesRepository,
    RoomActivityRepository,
    RoomListRepository,
    RoomListService,
    RoomMutations,
    RoomRights,
    RoomsGateway,
    RoomsRepository,
    RoomsService,
  ],
  exports: [RoomRights],
})
export class RoomsModule {}
