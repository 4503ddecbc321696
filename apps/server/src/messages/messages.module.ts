import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { RoomsModule } from '../rooms/index.js';
import { HistoryService } from './history.service.js';
import { MessagesController } from './messages.controller.js';
import { MessagesGateway } from './messages.gateway.js';
import { MessagesService } from './messages.service.js';

@Module({
  imports: [AuthModule, RoomsModule],
  controllers: [MessagesController],
  providers: [HistoryService, MessagesGateway, MessagesService],
})
export class MessagesModule {}
