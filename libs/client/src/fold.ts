import type { Change, ChangeEntry, Entry, HistoryEntry, Message, Reaction, UserId } from '@maru/contract';

/** A message after a change; the same object where the change is not newer than what the message already shows. */
export function changed(message: Message, entry: ChangeEntry, me: UserId): Message {
  const { seq, change, actorId } = entry;
  if (message.seq !== entry.targetSeq) return message;
  if ((message.changedSeq ?? 0) >= seq)
    return actorId === me && change.type === 'reacted' ? mineAfter(message, change) : message;
  switch (change.type) {
    case 'deleted':
      return tombstone(message, seq);
    case 'edited': {
      const { mentions: _before, ...rest } = message;
      const { text, mentions, editedAt } = change;
      return { ...rest, text, editedAt, ...(mentions === undefined ? {} : { mentions }), changedSeq: seq };
    }
    case 'reacted': {
      const { reactions: before = [], ...rest } = message;
      const wasMine = new Set(before.filter(({ mine }) => mine).map(({ emoji }) => emoji));
      if (actorId === me && change.on) wasMine.add(change.emoji);
      if (actorId === me && !change.on) wasMine.delete(change.emoji);
      const reactions = change.reactions.map(({ emoji, count }): Reaction =>
        wasMine.has(emoji) ? { emoji, count, mine: true } : { emoji, count },
      );
      return { ...rest, ...(reactions.length === 0 ? {} : { reactions }), changedSeq: seq };
    }
    case 'pinned': {
      const { pinned: _before, ...rest } = message;
      return { ...rest, ...(change.pinned ? { pinned: true } : {}), changedSeq: seq };
    }
  }
}

/** A message can come with its present state and without what of it is mine: that follows from my own changes. */
function mineAfter(message: Message, { emoji, on }: Change & { type: 'reacted' }): Message {
  const known = message.reactions?.find((reaction) => reaction.emoji === emoji);
  if (known === undefined || (known.mine ?? false) === on) return message;
  const { count } = known;
  const now: Reaction = on ? { emoji, count, mine: true } : { emoji, count };
  return { ...message, reactions: (message.reactions ?? []).map((reaction) => (reaction === known ? now : reaction)) };
}

function tombstone(message: Message, changedSeq: number): Message {
  const { text: _text, mentions: _m, editedAt: _e, reactions: _r, pinned: _p, ...kept } = message;
  return { ...kept, text: null, changedSeq };
}

/** Entries of history after these changes; the same objects where nothing changed. */
export function foldedInto<E extends HistoryEntry>(
  entries: readonly E[],
  changes: readonly ChangeEntry[],
  me: UserId,
): E[] {
  return entries.map((entry) =>
    entry.kind === 'message' ? (changes.reduce<Message>((at, change) => changed(at, change, me), entry) as E) : entry,
  );
}

export const isChange = (entry: Entry): entry is ChangeEntry => entry.kind === 'change';
export const isHistory = (entry: Entry): entry is HistoryEntry => entry.kind === 'message' || entry.kind === 'system';
