import {
  type HistoryPage,
  HistoryRead,
  MessageSend,
  RoomClose,
  RoomOpen,
  type RoomOpened,
  type Stored,
} from '@maru/contract';
import { type Answer, ChatGateway, type ChatSocket, Frame, From, Viewer } from '@maru/realtime';
import { LogDelivery } from '@maru/room-log';
import type { OnGatewayDisconnect } from '@nestjs/websockets';
import { SubscribeMessage } from '@nestjs/websockets';
import { HistoryService } from './history.service.js';
import { MessagesService } from './messages.service.js';
import { SendOrder } from './send-order.js';

/** Frames in, acknowledgements out. What is returned or thrown becomes the acknowledgement. */
@ChatGateway()
export class MessagesGateway implements OnGatewayDisconnect {
  private readonly orders = new WeakMap<Viewer, SendOrder>();

  constructor(
    private readonly messages: MessagesService,
    private readonly history: HistoryService,
    private readonly delivery: LogDelivery,
  ) {}

  @SubscribeMessage('message:send')
  send(@From() viewer: Viewer, @Frame(MessageSend) { roomId, id, text }: MessageSend): Promise<Stored> {
    return this.messages.send({ roomId, id, text, senderId: viewer.identity.userId }, this.order(viewer));
  }

  @SubscribeMessage('room:open')
  open(@From() viewer: Viewer, @Frame(RoomOpen) frame: RoomOpen): Promise<Answer<RoomOpened>> {
    return this.history.open(viewer, frame);
  }

  @SubscribeMessage('room:close')
  close(@From() viewer: Viewer, @Frame(RoomClose) { roomId }: RoomClose): object {
    this.delivery.leave(viewer, roomId);
    return {};
  }

  @SubscribeMessage('history:read')
  read(@From() viewer: Viewer, @Frame(HistoryRead) frame: HistoryRead): Promise<HistoryPage> {
    return this.history.read(viewer.identity.userId, frame);
  }

  /** Being connected is not membership: the rooms stay, the socket leaves nothing behind. */
  handleDisconnect({ data }: ChatSocket): void {
    this.delivery.forget(data.viewer);
  }

  private order(viewer: Viewer): SendOrder {
    let order = this.orders.get(viewer);
    if (order === undefined) this.orders.set(viewer, (order = new SendOrder()));
    return order;
  }
}
