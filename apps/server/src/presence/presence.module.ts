import { Module } from '@nestjs/common';
import { MembersModule, RoomsModule } from '../rooms/index.js';
import { PresenceController } from './presence.controller.js';
import { PresenceGateway } from './presence.gateway.js';
import { PresenceService } from './presence.service.js';
import { TypingService } from './typing.service.js';

@Module({
  imports: [MembersModule, RoomsModule],
  controllers: [PresenceController],
  providers: [PresenceGateway, PresenceService, TypingService],
})
export class PresenceModule {}
