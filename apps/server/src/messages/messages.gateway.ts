import type { HistoryPage, HistoryRead, MessageSend, RoomClose, RoomOpen, RoomOpened, Stored } from '@maru/contract';
import { Answer, type ChatSocket, Command, type Viewer } from '@maru/realtime';
import { LogDelivery, NewMessage } from '@maru/room-log';
import { type OnGatewayDisconnect, WebSocketGateway } from '@nestjs/websockets';
import { HistoryService } from './history.service.js';
import { MessagesService } from './messages.service.js';
import { SendOrder } from './send-order.js';

/** Frames in, acknowledgements out. What is returned or thrown becomes the acknowledgement. */
@WebSocketGateway()
export class MessagesGateway implements OnGatewayDisconnect {
  private readonly orders = new WeakMap<Viewer, SendOrder>();

  constructor(
    private readonly messages: MessagesService,
    private readonly history: HistoryService,
    private readonly delivery: LogDelivery,
  ) {}

  @Command('message:send')
  async send(viewer: Viewer, { roomId, id, text, replyTo }: MessageSend): Promise<Answer<Stored>> {
    const message = new NewMessage(roomId, viewer.identity.userId, id, text, replyTo);
    const stored = await this.messages.send(message, this.order(viewer));
    return new Answer(stored, () => this.delivery.deliverOwn(viewer, stored));
  }

  @Command('room:open')
  open(viewer: Viewer, frame: RoomOpen): Promise<Answer<RoomOpened>> {
    return this.history.open(viewer, frame);
  }

  @Command('room:close')
  close(viewer: Viewer, { roomId }: RoomClose): Record<string, never> {
    this.delivery.leave(viewer, roomId);
    return {};
  }

  @Command('history:read')
  read(viewer: Viewer, frame: HistoryRead): Promise<HistoryPage> {
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
