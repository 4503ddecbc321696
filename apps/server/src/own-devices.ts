import type { RoomMine, UserId } from '@maru/contract';
import { BroadcastFrame } from '@maru/realtime';
import { Relay } from '@maru/relay';
import { LogDelivery } from '@maru/room-log';
import { Injectable } from '@nestjs/common';

/** Tells all devices of one person, on every node, what changed on his own side of a room. */
@Injectable()
export class OwnDevices {
  constructor(
    private readonly delivery: LogDelivery,
    private readonly relay: Relay,
  ) {
    relay.listen({ signal: (signal) => signal.kind === 'mine' && this.tellHere(signal.userId, signal.mine) });
  }

  tell(userId: UserId, mine: RoomMine): void {
    this.tellHere(userId, mine);
    this.relay.signal({ kind: 'mine', userId, mine });
  }

  private tellHere(userId: UserId, mine: RoomMine): void {
    const frame = new BroadcastFrame('room:mine', mine);
    for (const viewer of this.delivery.watching(userId)) viewer.send(frame);
  }
}
