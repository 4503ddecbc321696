import type { PresenceSet, TypingSet } from '@maru/contract';
import { type ChatSocket, Command, type Viewer } from '@maru/realtime';
import { type OnGatewayConnection, type OnGatewayDisconnect, WebSocketGateway } from '@nestjs/websockets';
import { PresenceService } from './presence.service.js';
import { TypingService } from './typing.service.js';

@WebSocketGateway()
export class PresenceGateway implements OnGatewayConnection, OnGatewayDisconnect {
  constructor(
    private readonly presence: PresenceService,
    private readonly typing: TypingService,
  ) {}

  handleConnection({ data }: ChatSocket): void {
    this.presence.connected(data.viewer);
  }

  handleDisconnect({ data }: ChatSocket): void {
    this.presence.disconnected(data.viewer);
    this.typing.left(data.viewer);
  }

  @Command('presence:set')
  set(viewer: Viewer, { away }: PresenceSet): Record<string, never> {
    this.presence.setAway(viewer, away);
    return {};
  }

  @Command('typing:set')
  async type(viewer: Viewer, { roomId, typing }: TypingSet): Promise<Record<string, never>> {
    await this.typing.set(viewer, roomId, typing);
    return {};
  }
}
