import { ChatError, type Stored } from '@maru/contract';
import type { Config } from '@maru/config';
import { keys, type Rate, RateLimiter } from '@maru/redis';
import { LogRepository, LogWriter, type NewMessage, type Rights } from '@maru/room-log';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '../config.token.js';
import { RoomRights } from '../rooms/index.js';
import type { SendOrder } from './send-order.js';

@Injectable()
export class MessagesService {
  private readonly sendRate: Rate;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly rooms: RoomRights,
    private readonly limiter: RateLimiter,
    private readonly writer: LogWriter,
    private readonly log: LogRepository,
  ) {
    this.sendRate = { perSecond: config.LIMIT_SEND_PER_SECOND, burst: config.LIMIT_SEND_BURST };
  }

  /** Resolves once the message is committed. Delivery follows from the log, not from this promise. */
  async send(message: NewMessage, order?: SendOrder): Promise<Stored> {
    const known = this.writer.recall(message);
    if (known !== undefined) return known;
    try {
      const admission = this.admit(message);
      const rights = await (order?.enter(admission) ?? admission);
      return await this.writer.append(message, rights);
    } catch (error) {
      if (error instanceof ChatError && error.code === 'not-member') return this.requireStored(message, error);
      throw error;
    }
  }

  private async admit({ roomId, senderId }: NewMessage): Promise<Rights> {
    await this.limiter.take(keys.sendRate(senderId), this.sendRate);
    return this.rooms.requireMember(roomId, senderId);
  }

  /** Who lost his membership after his message was stored learns that it was; anyone else gets the refusal. */
  private async requireStored(message: NewMessage, refusal: ChatError): Promise<Stored> {
    const stored = await this.log.find(message);
    if (stored === undefined) throw refusal;
    return stored;
  }
}
