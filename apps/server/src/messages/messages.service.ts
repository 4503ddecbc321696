import { ChatError, type Stored } from '@maru/contract';
import { SlowMode } from '@maru/redis';
import { LogRepository, LogWriter, type NewMessage, type Rights } from '@maru/room-log';
import { Injectable } from '@nestjs/common';
import { PersonLimits } from '../person-limits.js';
import { RoomRights } from '../rooms/index.js';
import { MentionsService } from './mentions.service.js';
import type { SendOrder } from './send-order.js';

interface Admitted {
  message: NewMessage;
  rights: Rights;
}

@Injectable()
export class MessagesService {
  constructor(
    private readonly rooms: RoomRights,
    private readonly limits: PersonLimits,
    private readonly slowMode: SlowMode,
    private readonly mentions: MentionsService,
    private readonly writer: LogWriter,
    private readonly log: LogRepository,
  ) {}

  /** Resolves once the message is committed. Delivery follows from the log, not from this promise. */
  async send(message: NewMessage, order?: SendOrder): Promise<Stored> {
    const known = this.writer.recall(message);
    if (known !== undefined) return known;
    try {
      const admission = this.admit(message);
      const admitted = await (order?.enter(admission) ?? admission);
      return await this.append(admitted);
    } catch (error) {
      if (error instanceof ChatError && isDoubtful(error)) return this.requireStored(message, error);
      throw error;
    }
  }

  private async admit(message: NewMessage): Promise<Admitted> {
    const { roomId, senderId, text, replyTo } = message;
    await this.limits.takeSend(senderId);
    const rights = await this.rooms.requireWriter(roomId, senderId);
    if (replyTo !== undefined) await this.requireTarget(message, replyTo, rights);
    const mentions = text.includes('@') ? await this.mentions.in(roomId, text) : [];
    if (rights.slowModeSeconds > 0) await this.slowMode.take(message, rights.slowModeSeconds);
    return { message: mentions.length === 0 ? message : message.mentioning(mentions), rights };
  }

  /** What is refused by the writer was not said: it keeps nobody waiting. */
  private async append({ message, rights }: Admitted): Promise<Stored> {
    try {
      return await this.writer.append(message, rights);
    } catch (error) {
      const isDefinite = error instanceof ChatError && error.code !== 'unknown';
      if (rights.slowModeSeconds > 0 && isDefinite) await this.slowMode.giveBack(message);
      throw error;
    }
  }

  /** One may answer what one can see, deleted or not. */
  private async requireTarget({ roomId }: NewMessage, replyTo: number, { hiddenUpTo }: Rights): Promise<void> {
    const [target] = replyTo > hiddenUpTo ? await this.log.messagesAt(roomId, [replyTo], replyTo) : [];
    if (target === undefined) throw new ChatError('invalid', { message: 'replyTo: no message of this room' });
  }

  /** Who lost the right to write after his message was stored learns that it was; anyone else gets the refusal. */
  private async requireStored(message: NewMessage, refusal: ChatError): Promise<Stored> {
    const stored = await this.log.find(message);
    if (stored === undefined) throw refusal;
    return stored;
  }
}

/**
 * Nobody may be told finally, or be made to wait for minutes, for a message that is stored already: what it answers may
 * be hidden from its sender since he left and came back.
 */
const isDoubtful = ({ code }: ChatError): boolean =>
  code === 'invalid' || code === 'not-member' || code === 'muted' || code === 'archived' || code === 'slow-mode';
