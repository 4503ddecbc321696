import type { Message, OperationReply, Reaction } from '@maru/contract';

/** What I asked to be made of a message, until the answer has been seen in the timeline. */
export interface Pending {
  text?: string;
  deleted?: true;
  /** By emoji: whether I am among them. */
  reactions?: ReadonlyMap<string, boolean>;
  pinned?: boolean;
}

interface Asked {
  seq: number;
  wanted: Pending;
  /** Seq of the change, once it is known. */
  changeSeq: number | undefined;
}

/**
 * Shows changes at once: each stays until the timeline has it, or is taken back when it was refused. The newest for the
 * same thing counts.
 */
export class PendingChanges {
  private asked: readonly Asked[] = [];

  constructor(private readonly show: (pending: ReadonlyMap<number, Pending>) => void) {}

  /** `covered` tells up to which seq the timeline goes when the answer is there. Rejects as `ask` does. */
  async track(
    seq: number,
    wanted: Pending,
    ask: () => Promise<OperationReply<'message:edit'>>,
    covered: () => number,
  ): Promise<void> {
    const mine: Asked = { seq, wanted, changeSeq: undefined };
    this.set([...this.asked, mine]);
    try {
      const { changeSeq } = await ask();
      mine.changeSeq = changeSeq ?? 0;
      this.arrived(covered());
    } catch (error) {
      this.set(this.asked.filter((other) => other !== mine));
      throw error;
    }
  }

  /** The timeline has everything up to here. */
  arrived(to: number): void {
    const left = this.asked.filter(({ changeSeq }) => changeSeq === undefined || changeSeq > to);
    if (left.length < this.asked.length) this.set(left);
  }

  private set(asked: readonly Asked[]): void {
    this.asked = asked;
    const bySeq = new Map<number, Pending>();
    for (const { seq, wanted } of asked) {
      const before = bySeq.get(seq);
      const reactions = new Map([...(before?.reactions ?? []), ...(wanted.reactions ?? [])]);
      bySeq.set(seq, { ...before, ...wanted, ...(reactions.size === 0 ? {} : { reactions }) });
    }
    this.show(bySeq);
  }
}

/** A message as it will be once what I asked for is done. */
export function withPending(message: Message, pending: Pending | undefined): Message {
  if (pending === undefined || message.text === null) return message;
  const { reactions: before = [], pinned: wasPinned, ...rest } = message;
  const reactions = [...(pending.reactions ?? [])].reduce(reacted, before);
  const pinned = pending.pinned ?? wasPinned ?? false;
  return {
    ...rest,
    ...(pending.text === undefined ? {} : { text: pending.text }),
    ...(reactions.length === 0 ? {} : { reactions: [...reactions] }),
    ...(pinned ? { pinned: true } : {}),
  };
}

function reacted(reactions: readonly Reaction[], [emoji, on]: [string, boolean]): readonly Reaction[] {
  const there = reactions.find((reaction) => reaction.emoji === emoji);
  if ((there?.mine ?? false) === on) return reactions;
  if (there === undefined) return [...reactions, { emoji, count: 1, mine: true }];
  const count = there.count + (on ? 1 : -1);
  return reactions.flatMap((reaction): Reaction[] => {
    if (reaction !== there) return [reaction];
    return count === 0 ? [] : [on ? { emoji, count, mine: true } : { emoji, count }];
  });
}
