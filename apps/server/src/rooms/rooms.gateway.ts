import type { MyRooms } from '@maru/contract';
import { Command, type Viewer } from '@maru/realtime';
import { LogDelivery } from '@maru/room-log';
import { WebSocketGateway } from '@nestjs/websockets';
import { RoomsService } from './rooms.service.js';

@WebSocketGateway()
export class RoomsGateway {
  constructor(
    private readonly rooms: RoomsService,
    private readonly delivery: LogDelivery,
  ) {}

  @Command('rooms:watch')
  async watch(viewer: Viewer): Promise<MyRooms> {
    this.delivery.startWatching(viewer);
    const mine = await this.rooms.mine(viewer.identity.userId);
    this.delivery.watch(viewer, mine.rooms);
    return mine;
  }
}
