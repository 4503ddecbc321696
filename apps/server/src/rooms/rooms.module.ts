import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { MembersModule } from './members.module.js';
import { RoomRights } from './room-rights.js';
import { RoomsController } from './rooms.controller.js';
import { RoomsGateway } from './rooms.gateway.js';
import { RoomsRepository } from './rooms.repository.js';
import { RoomsService } from './rooms.service.js';

@Module({
  imports: [AuthModule, MembersModule],
  controllers: [RoomsController],
  providers: [RoomRights, RoomsGateway, RoomsRepository, RoomsService],
  exports: [RoomRights],
})
export class RoomsModule {}
