import type { Change, UserId } from '@maru/contract';
import type { ReactionCount } from './entry-rows.js';

interface Decision {
  actorId: UserId;
  seq: number;
  change: Change;
}

const reactionKey = (userId: UserId, emoji: string): string => `${userId}${emoji}`;

/** A message as it is, and as the changes of one transaction make it. */
export class TargetMessage {
  constructor(
    readonly seq: number,
    readonly senderId: UserId,
    public text: string | null,
    readonly createdAt: number,
    public mentions: readonly UserId[],
    public editedAt: number | undefined,
    public reactions: readonly ReactionCount[],
    public pinned: boolean,
    /** How many messages of the room are pinned, this one included. */
    readonly pins: { count: number },
    private readonly reacted: Set<string>,
  ) {}

  hasReacted(userId: UserId, emoji: string): boolean {
    return this.reacted.has(reactionKey(userId, emoji));
  }

  /** The counts after this person has put the emoji there, or taken it away; in the order of first use. */
  countsWith(emoji: string, on: boolean): ReactionCount[] {
    if (on && !this.reactions.some((reaction) => reaction.emoji === emoji)) {
      return [...this.reactions, { emoji, count: 1 }];
    }
    return this.reactions
      .map((reaction) => (reaction.emoji === emoji ? { emoji, count: reaction.count + (on ? 1 : -1) } : reaction))
      .filter(({ count }) => count > 0);
  }

  apply({ actorId, change }: Decision): void {
    switch (change.type) {
      case 'edited':
        this.text = change.text;
        this.mentions = change.mentions ?? [];
        this.editedAt = change.editedAt;
        return;
      case 'reacted':
        this.reactions = change.reactions;
        if (change.on) this.reacted.add(reactionKey(actorId, change.emoji));
        else this.reacted.delete(reactionKey(actorId, change.emoji));
        return;
      case 'pinned':
        this.setPinned(change.pinned);
        return;
      case 'deleted':
        this.text = null;
        this.mentions = [];
        this.editedAt = undefined;
        this.reactions = [];
        this.reacted.clear();
        this.setPinned(false);
    }
  }

  private setPinned(pinned: boolean): void {
    if (this.pinned !== pinned) this.pins.count += pinned ? 1 : -1;
    this.pinned = pinned;
  }
}
