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
import { LRUCache } from 'lru-cache';
import { CONFIG } from '../config.token.js';
import { PersonLimits } from '../person-limits.js';
import { mayPin, RoomRights } from '../rooms/index.js';
import { MentionsService } from './mentions.service.js';
import { SendOrder } from './send-order.js';

const MINUTE_MS = 60_000;

interface AboutMessage {
  roomId: RoomId;
  seq: number;
}

type Decide = (target: TargetMessage, rights: Rights) => Change | undefined;

const nothing = (): void => {};
const ORDERS_MAX = 10_000;

/** Edits, deletions, reactions and pins. Each says what should be; what is so already changes nothing. */
@Injectable()
export class ChangesService {
  private readonly orders = new LRUCache<UserId, SendOrder>({ max: ORDERS_MAX });

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly rooms: RoomRights,
    private readonly limits: PersonLimits,
    private readonly mentions: MentionsService,
    private readonly writer: ChangeWriter,
  ) {}

  /** Throws `forbidden` for others' messages, `too-late`, and `not-found` once it is deleted. */
  async edit(editor: UserId, { text, ...about }: OperationInput<'message:edit'>): Promise<Changed> {
    const mentionsIn = () => this.mentions.in(about.roomId, text);
    return this.change(editor, about, mentionsIn, (mentions) => (target) => {
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
    return this.change(deleter, about, nothing, () => (target, { role }) => {
      if (target.senderId !== deleter && role === 'member') throw new ChatError('forbidden');
      return target.text === null ? undefined : { type: 'deleted' };
    });
  }

  /** Throws `too-many` for one more emoji under a message that has as many as it may. */
  async react(reader: UserId, { emoji, on, ...about }: OperationInput<'reaction:set'>): Promise<Changed> {
    return this.change(reader, about, nothing, () => (target) => {
      if (target.hasReacted(reader, emoji) === on) return undefined;
      this.requireText(target);
      const reactions = target.countsWith(emoji, on);
      if (reactions.length > REACTIONS_MAX) throw new ChatError('too-many');
      return { type: 'reacted', emoji, on, reactions };
    });
  }

  /** Throws `too-many` beyond the pins that a room may have. */
  async pin(pinner: UserId, { pinned, ...about }: OperationInput<'message:pin'>): Promise<Changed> {
    const kindOf = async () => (await this.rooms.requireMembership(about.roomId, pinner)).kind;
    return this.change(pinner, about, kindOf, (kind) => (target, { role }) => {
      if (!mayPin(kind, role)) throw new ChatError('forbidden');
      if (target.pinned === pinned) return undefined;
      this.requireText(target);
      if (pinned && target.pins.count >= PINS_MAX) throw new ChatError('too-many');
      return { type: 'pinned', pinned };
    });
  }

  /** What one person asks for is decided in the order it was asked for, also where one needs to be looked up first. */
  private async change<T>(
    actorId: UserId,
    { roomId, seq }: AboutMessage,
    prepare: () => Promise<T> | T,
    deciding: (prepared: T) => Decide,
  ): Promise<Changed> {
    const order = this.orders.get(actorId) ?? new SendOrder();
    this.orders.set(actorId, order);
    const admit = async (): Promise<T> => {
      await this.limits.takeChange(actorId);
      await this.rooms.requireWriter(roomId, actorId);
      return prepare();
    };
    const decide = deciding(await order.enter(admit()));
    const changeSeq = await this.writer.request({ roomId, actorId, targetSeq: seq, decide });
    return { roomId, seq, changeSeq };
  }

  private requireText({ text }: TargetMessage): void {
    if (text === null) throw new ChatError('not-found');
  }
}
