import { type HistoryPage, HistoryQuery, routes, SendMessage, type Stored } from '@maru/contract';
import type { Identity } from '@maru/realtime';
import { NewMessage } from '@maru/room-log';
import { Body, Controller, Param, Query } from '@nestjs/common';
import type { z } from 'zod';
import { Caller } from '../http/caller.decorator.js';
import { Serves } from '../http/route.decorator.js';
import { HistoryService } from './history.service.js';
import { MessagesService } from './messages.service.js';

const { history, sendMessage } = routes;
type InRoom = z.output<typeof history.params>;

@Controller()
export class MessagesController {
  constructor(
    private readonly messages: MessagesService,
    private readonly historyService: HistoryService,
  ) {}

  @Serves(sendMessage)
  send(
    @Caller() caller: Identity,
    @Param({ schema: sendMessage.params }) { roomId }: InRoom,
    @Body({ schema: SendMessage }) { id, text }: SendMessage,
  ): Promise<Stored> {
    return this.messages.send(new NewMessage(roomId, caller.userId, id, text));
  }

  @Serves(history)
  read(
    @Caller() caller: Identity,
    @Param({ schema: history.params }) { roomId }: InRoom,
    @Query({ schema: HistoryQuery }) page: HistoryQuery,
  ): Promise<HistoryPage> {
    return this.historyService.read(caller.userId, { roomId, ...page });
  }
}
