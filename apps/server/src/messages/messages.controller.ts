import {
  type Changed,
  type Edition,
  type HistoryPage,
  HistoryQuery,
  type OperationInput,
  type Person,
  type Pins,
  routes,
  SendMessage,
  type Stored,
} from '@maru/contract';
import type { Identity } from '@maru/realtime';
import { NewMessage } from '@maru/room-log';
import { Body, Controller, Param, Query } from '@nestjs/common';
import type { z } from 'zod';
import { Caller } from '../http/caller.decorator.js';
import { Handles } from '../http/operation.decorator.js';
import { Serves } from '../http/route.decorator.js';
import { ChangesService } from './changes.service.js';
import { HistoryService } from './history.service.js';
import { MessagesService } from './messages.service.js';
import { SendersRead } from './senders-read.js';

const { editions, history, pins, reactors, sendMessage } = routes;
type InRoom = z.output<typeof history.params>;
type OfMessage = z.output<typeof editions.params>;

@Controller()
export class MessagesController {
  constructor(
    private readonly messages: MessagesService,
    private readonly changes: ChangesService,
    private readonly historyService: HistoryService,
    private readonly sendersRead: SendersRead,
  ) {}

  @Serves(sendMessage)
  async send(
    @Caller() caller: Identity,
    @Param({ schema: sendMessage.params }) { roomId }: InRoom,
    @Body({ schema: SendMessage }) { id, text, replyTo }: SendMessage,
  ): Promise<Stored> {
    const stored = await this.messages.send(new NewMessage(roomId, caller.userId, id, text, replyTo));
    // who asks over REST may ask next what is unread: no client of ours knows it for him
    await this.sendersRead.tellNow(roomId);
    return stored;
  }

  @Handles('message:edit')
  edit({ userId }: Identity, input: OperationInput<'message:edit'>): Promise<Changed> {
    return this.changes.edit(userId, input);
  }

  @Handles('message:delete')
  delete({ userId }: Identity, input: OperationInput<'message:delete'>): Promise<Changed> {
    return this.changes.delete(userId, input);
  }

  @Handles('reaction:set')
  react({ userId }: Identity, input: OperationInput<'reaction:set'>): Promise<Changed> {
    return this.changes.react(userId, input);
  }

  @Handles('message:pin')
  pin({ userId }: Identity, input: OperationInput<'message:pin'>): Promise<Changed> {
    return this.changes.pin(userId, input);
  }

  @Serves(history)
  read(
    @Caller() caller: Identity,
    @Param({ schema: history.params }) { roomId }: InRoom,
    @Query({ schema: HistoryQuery }) page: HistoryQuery,
  ): Promise<HistoryPage> {
    return this.historyService.read(caller.userId, { roomId, ...page });
  }

  @Serves(pins)
  listPins(@Caller() caller: Identity, @Param({ schema: pins.params }) { roomId }: InRoom): Promise<Pins> {
    return this.historyService.pins(caller.userId, roomId);
  }

  @Serves(editions)
  async listEditions(
    @Caller() caller: Identity,
    @Param({ schema: editions.params }) { roomId, seq }: OfMessage,
  ): Promise<{ items: Edition[] }> {
    return { items: await this.historyService.editions(caller.userId, roomId, seq) };
  }

  @Serves(reactors)
  async listReactors(
    @Caller() caller: Identity,
    @Param({ schema: reactors.params }) { roomId, seq }: OfMessage,
    @Query({ schema: reactors.query }) { emoji }: z.output<typeof reactors.query>,
  ): Promise<{ items: Person[] }> {
    return { items: await this.historyService.reactors(caller.userId, roomId, seq, emoji) };
  }
}
