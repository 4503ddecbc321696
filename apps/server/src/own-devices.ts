import type { RoomMine, UserId } from '@maru/contract';
import { BroadcastFrame } from '@maru/realtime';
import { type MineSignal, Relay } from '@maru/relay';
import { LogDelivery } from '@maru/room-log';
import { Injectable } from '@nestjs/common';

/** Tells all devices of one person, on every node, what changed on his own side of a room. */
@Injectable()
export class OwnDevices {
  constructor(
    private readonly delivery: LogDelivery,
    private readonly relay: Relay,
  ) {
    relay.listen({ signal: (signal) => signal.kind === 'mine' && this.tellHere(signal.told) });
  }

  tell(userId: UserId, mine: RoomMine): void {
    this.tellAll([{ userId, mine }]);
  }

  tellAll(told: MineSignal['told']): void {
    if (told.length === 0) return;
    this.tellHere(told);
    this.relay.signal({ kind: 'mine', told });
  }

  private tellHere(told: MineSignal['told']): void {
    for (const { userId, mine } of told) {
      for (const viewer of this.delivery.watching(userId)) viewer.send(new BroadcastFrame('room:mine', mine));
    }
  }
}
