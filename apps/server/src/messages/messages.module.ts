import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { MembersModule, RoomsModule } from '../rooms/index.js';
import { ChangesService } from './changes.service.js';
import { HistoryService } from './history.service.js';
import { MentionsService } from './mentions.service.js';
import { MembersRead } from './members-read.js';
import { MessagesController } from './messages.controller.js';
import { MessagesGateway } from './messages.gateway.js';
import { MessagesService } from './messages.service.js';
import { ReadRanges } from './read-ranges.js';
import { ReadingController } from './reading.controller.js';
import { ReadingService } from './reading.service.js';
import { SendersRead } from './senders-read.js';

@Module({
  imports: [AuthModule, MembersModule, RoomsModule],
  controllers: [MessagesController, ReadingController],
  providers: [
    ChangesService,
    HistoryService,
    MentionsService,
    MembersRead,
    MessagesGateway,
    MessagesService,
    ReadRanges,
    ReadingService,
    SendersRead,
  ],
})
export class MessagesModule {}
