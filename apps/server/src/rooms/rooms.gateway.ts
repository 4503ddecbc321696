import type { MyRooms, WatchRooms } from '@maru/contract';
import { Command, type Viewer } from '@maru/realtime';
import { LogDelivery } from '@maru/room-log';
import { WebSocketGateway } from '@nestjs/websockets';
import { RoomListService } from './room-list.service.js';

@WebSocketGateway()
export class RoomsGateway {
  constructor(
    private readonly list: RoomListService,
    private readonly delivery: LogDelivery,
  ) {}

  @Command('rooms:watch')
  async watch(viewer: Viewer, { after }: WatchRooms): Promise<MyRooms> {
    this.delivery.startWatching(viewer);
    const mine = await this.list.watched(viewer.identity.userId, after);
    this.delivery.watch(viewer, mine.rooms);
    return mine;
  }
}
