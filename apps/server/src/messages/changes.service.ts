import type { Config } from '@maru/config';
import {
  type Change,
  type Changed,
  ChatError,
  type OperationInput,
  PINS_MAX,
  REACTIONS_MAX,
  type RoomId,
  type UserId,
} from '@maru/contract';
import { ChangeWriter, type Rights, type TargetMessage } from '@maru/room-log';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '../config.token.js';
import { PersonLimits } from '../person-limits.js';
import { mayPin, RoomRights } from '../rooms/index.js';
import { MentionsService } from './mentions.service.js';

const MINUTE_MS = 60_000;

interface AboutMessage {
  roomId: RoomId;
  seq: number;
}

type Decide = (target: TargetMessage, rights: Rights) => Change | undefined;

/** Edits, deletions, reactions and pins. Each says what should be; what is so already changes nothing. */
@Injectable()
export class ChangesService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly rooms: RoomRights,
    private readonly limits: PersonLimits,
    private readonly mentions: MentionsService,
    private readonly writer: ChangeWriter,
  ) {}

  /** Throws `forbidden` for others' messages, `too-late`, and `not-found` once it is deleted. */
  async edit(editor: UserId, { text, ...about }: OperationInput<'message:edit'>): Promise<Changed> {
    const mentions = await this.mentions.in(about.roomId, text);
    return this.change(editor, about, (target) => {
      if (target.senderId !== editor) throw new ChatError('forbidden');
      if (target.text === text) return undefined;
      this.requireText(target);
      const limit = this.config.EDIT_MINUTES * MINUTE_MS;
      if (limit > 0 && Date.now() - target.createdAt > limit) throw new ChatError('too-late');
      return { type: 'edited', text, editedAt: Date.now(), ...(mentions.length === 0 ? {} : { mentions }) };
    });
  }

  /** One's own message, or as owner or admin anybody's. */
  async delete(deleter: UserId, about: AboutMessage): Promise<Changed> {
    return this.change(deleter, about, (target, { role }) => {
      if (target.senderId !== deleter && role === 'member') throw new ChatError('forbidden');
      return target.text === null ? undefined : { type: 'deleted' };
    });
  }

  /** Throws `too-many` for one more emoji under a message that has as many as it may. */
  async react(reader: UserId, { emoji, on, ...about }: OperationInput<'reaction:set'>): Promise<Changed> {
    return this.change(reader, about, (target) => {
      if (target.hasReacted(reader, emoji) === on) return undefined;
      this.requireText(target);
      const reactions = target.countsWith(emoji, on);
      if (reactions.length > REACTIONS_MAX) throw new ChatError('too-many');
      return { type: 'reacted', emoji, on, reactions };
    });
  }

  /** Throws `too-many` beyond the pins that a room may have. */
  async pin(pinner: UserId, { pinned, ...about }: OperationInput<'message:pin'>): Promise<Changed> {
    const { kind } = await this.rooms.requireMembership(about.roomId, pinner);
    return this.change(pinner, about, (target, { role }) => {
      if (!mayPin(kind, role)) throw new ChatError('forbidden');
      if (target.pinned === pinned) return undefined;
      this.requireText(target);
      if (pinned && target.pins.count >= PINS_MAX) throw new ChatError('too-many');
      return { type: 'pinned', pinned };
    });
  }

  private async change(actorId: UserId, { roomId, seq }: AboutMessage, decide: Decide): Promise<Changed> {
    await this.limits.takeChange(actorId);
    const changeSeq = await this.writer.request({ roomId, actorId, targetSeq: seq, decide });
    return { roomId, seq, changeSeq };
  }

  private requireText({ text }: TargetMessage): void {
    if (text === null) throw new ChatError('not-found');
  }
}
