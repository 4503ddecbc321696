import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { MembersModule, RoomsModule } from '../rooms/index.js';
import { ChangesService } from './changes.service.js';
import { HistoryService } from './history.service.js';
import { MentionsService } from './mentions.service.js';
import { MessagesController } from './messages.controller.js';
import { MessagesGateway } from './messages.gateway.js';
import { MessagesService } from './messages.service.js';

@Module({
  imports: [AuthModule, MembersModule, RoomsModule],
  controllers: [MessagesController],
  providers: [ChangesService, HistoryService, MentionsService, MessagesGateway, MessagesService],
})
export class MessagesModule {}
