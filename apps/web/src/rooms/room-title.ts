import type { MyRoom, UserId } from '@maru/contract';
import { useSyncExternalStore } from 'react';
import { client } from '../client.ts';

/** Renders again only when this person's name changes. */
export function useDisplayName(userId: UserId | null): string | undefined {
  const name = (): string | undefined =>
    userId === null ? undefined : client.people.store.get().people.get(userId)?.displayName;
  return useSyncExternalStore(client.people.store.subscribe, name, name);
}

/** The name of a room; of a direct room, that of the other person. */
export function useRoomTitle(room: Pick<MyRoom, 'name' | 'peerId'> | undefined): string {
  const peer = useDisplayName(room?.peerId ?? null);
  return room === undefined ? '' : room.peerId === null ? room.name : (peer ?? '…');
}

/** The same where there is no component to listen. */
export function roomTitle({ name, peerId }: Pick<MyRoom, 'name' | 'peerId'>): string {
  return peerId === null ? name : (client.people.store.get().people.get(peerId)?.displayName ?? '…');
}
