import { RoomId } from '@maru/contract';
import { useSyncExternalStore } from 'react';

/** The open room is in the address, so that back, reload and links work: `/?room=<id>`. */
const current = (): RoomId | null => {
  const parsed = RoomId.safeParse(new URLSearchParams(location.search).get('room'));
  return parsed.success ? parsed.data : null;
};

const subscribe = (listener: () => void): (() => void) => {
  window.addEventListener('popstate', listener);
  return () => window.removeEventListener('popstate', listener);
};

export function goToRoom(roomId: RoomId | null): void {
  if (roomId === current()) return;
  history.pushState(null, '', roomId === null ? '/' : `/?room=${roomId}`);
  window.dispatchEvent(new PopStateEvent('popstate'));
}

export const useRoomAddress = (): RoomId | null => useSyncExternalStore(subscribe, current, () => null);
