import type { Message, MyRoom, RoomId, UserId } from '@maru/contract';

/** Something in a room that its member wants to be told of. */
export interface News {
  room: MyRoom;
  /** What was said, where that is known. */
  message: Message | null;
  mentioned: boolean;
}

/** What has come between two states of the list of rooms. Nothing of oneself, nothing that is read already. */
export function whatIsNew(before: readonly MyRoom[], now: readonly MyRoom[], me: UserId): News[] {
  const known = new Map<RoomId, MyRoom>(before.map((room) => [room.id, room]));
  return now.flatMap((room): News[] => {
    const old = known.get(room.id);
    const { last, preferences, mentions, unread } = room;
    if (old === undefined || old === room || preferences.notify === 'none' || unread === 0) return [];
    const isMessage = last?.kind === 'message' && last.senderId !== me && last.text !== null;
    const message = isMessage && last.seq > room.read.seq ? last : null;
    const mention = mentions.find((seq) => !old.mentions.includes(seq));
    if (mention !== undefined) return [{ room, message: message?.seq === mention ? message : null, mentioned: true }];
    const came = message !== null && message.seq > (old.last?.seq ?? 0);
    return came && preferences.notify === 'all' ? [{ room, message, mentioned: false }] : [];
  });
}
