import type { MyRoom, RoomId } from '@maru/contract';
import { useEffect, useEffectEvent } from 'react';
import { goToRoom } from '../address.ts';
import { nextUnread } from './unread-total.ts';

/** Ctrl+K switches; Alt with up and down goes to the room above and below, with Shift to the next unread one. */
export function useRoomKeys(rooms: readonly MyRoom[], roomId: RoomId | null, onSwitch: () => void): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const { key, altKey, shiftKey, ctrlKey, metaKey } = event;
    if (key.toLowerCase() === 'k' && (ctrlKey || metaKey) && !altKey) {
      event.preventDefault();
      return onSwitch();
    }
    const by = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : undefined;
    if (by === undefined || !altKey || ctrlKey || metaKey) return;
    const at = rooms.findIndex(({ id }) => id === roomId);
    const next = shiftKey ? nextUnread(rooms, roomId, by) : rooms[at < 0 ? 0 : at + by];
    if (next === undefined) return;
    event.preventDefault();
    goToRoom(next.id);
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
}
