import type { ChangeEntry, Entry, HistoryEntry, Message, SystemEntry, SystemEvent } from './entries.js';
import type { UserId } from './ids.js';

/** What stays of a message once it is deleted: its place. */
export const tombstone = (
  { kind, roomId, seq, ordinal, createdAt, id, senderId, replyTo }: Message,
  changedSeq: number,
): Message => ({
  kind,
  roomId,
  seq,
  ordinal,
  createdAt,
  id,
  senderId,
  text: null,
  ...(replyTo === undefined ? {} : { replyTo }),
  changedSeq,
});

export const isHistory = (entry: Entry): entry is HistoryEntry => entry.kind === 'message' || entry.kind === 'system';

/** A message after a change, if that is a change of it and newer than what it shows. */
export function messageAfter(message: Message, { targetSeq, seq, change }: ChangeEntry): Message {
  if (message.seq !== targetSeq || (message.changedSeq ?? 0) >= seq) return message;
  switch (change.type) {
    case 'deleted':
      return tombstone(message, seq);
    case 'edited': {
      const { mentions: _before, ...rest } = message;
      const { text, mentions, editedAt } = change;
      return { ...rest, text, editedAt, ...(mentions?.length ? { mentions } : {}), changedSeq: seq };
    }
    case 'reacted': {
      const { reactions: _before, ...rest } = message;
      return { ...rest, ...(change.reactions.length === 0 ? {} : { reactions: change.reactions }), changedSeq: seq };
    }
    case 'pinned': {
      const { pinned: _before, ...rest } = message;
      return { ...rest, ...(change.pinned ? { pinned: true } : {}), changedSeq: seq };
    }
  }
}

/** What an event makes of the membership of its person. `deleted` besides ends that of everybody. */
const MEMBERSHIP: Partial<Record<SystemEvent, 'in' | 'out'>> = {
  joined: 'in',
  added: 'in',
  left: 'out',
  kicked: 'out',
  banned: 'out',
};
export const membershipAfter = (event: SystemEvent): 'in' | 'out' | undefined => MEMBERSHIP[event];

/** After it somebody is no member any more: its person, or everybody where the room was deleted. */
export const endsMembership = (entry: Entry): entry is SystemEntry =>
  entry.kind === 'system' && (entry.event === 'deleted' || membershipAfter(entry.event) === 'out');

export const endsMembershipOf = (entry: Entry, userId: UserId): boolean =>
  endsMembership(entry) && (entry.event === 'deleted' || entry.userId === userId);
