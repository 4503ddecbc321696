import {
  type Change,
  type ChangeEntry,
  type Entry,
  type HistoryEntry,
  type Message,
  messageAfter,
  type Reaction,
  type UserId,
} from '@maru/contract';

/** A message after a change, with what of its reactions is mine; the same object where nothing changed. */
export function changed(message: Message, entry: ChangeEntry, me: UserId): Message {
  const { change, actorId } = entry;
  const after = messageAfter(message, entry);
  if (change.type !== 'reacted' || message.seq !== entry.targetSeq) return after;
  const marked = after === message ? message : withMineOf(after, message);
  return actorId === me ? mineAfter(marked, change) : marked;
}

/** A change tells how many reacted and not who: what was mine before is mine still. */
function withMineOf(after: Message, before: Message): Message {
  const mine = new Set(before.reactions?.flatMap((reaction) => (reaction.mine ? reaction.emoji : [])));
  if (after.reactions === undefined || mine.size === 0) return after;
  return { ...after, reactions: after.reactions.map((one) => (mine.has(one.emoji) ? { ...one, mine: true } : one)) };
}

/** A message can come with its present state and without what of it is mine: that follows from my own changes. */
function mineAfter(message: Message, { emoji, on }: Change & { type: 'reacted' }): Message {
  const known = message.reactions?.find((reaction) => reaction.emoji === emoji);
  if (known === undefined || (known.mine ?? false) === on) return message;
  const { count } = known;
  const now: Reaction = on ? { emoji, count, mine: true } : { emoji, count };
  return { ...message, reactions: (message.reactions ?? []).map((reaction) => (reaction === known ? now : reaction)) };
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
