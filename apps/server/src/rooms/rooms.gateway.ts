import { commands, type MyRooms } from '@maru/contract';
import { ChatGateway, Frame, From, Viewer } from '@maru/realtime';
import { LogDelivery } from '@maru/room-log';
import { SubscribeMessage } from '@nestjs/websockets';
import { RoomsService } from './rooms.service.js';

@ChatGateway()
export class RoomsGateway {
  constructor(
    private readonly rooms: RoomsService,
    private readonly delivery: LogDelivery,
  ) {}

  @SubscribeMessage('rooms:watch')
  async watch(@From() viewer: Viewer, @Frame(commands['rooms:watch'].payload) _nothing: object): Promise<MyRooms> {
    this.delivery.startWatching(viewer);
    const mine = await this.rooms.mine(viewer.identity.userId);
    this.delivery.watch(viewer, mine.rooms);
    return mine;
  }
}
