import { InviteCode, RoomId } from '@maru/contract';
import { useSyncExternalStore } from 'react';

/**
 * Where the reader is, is in the address, so that back, reload and links work: `/?room=<id>`, with `&message=<seq>` at a
 * message, and `/?invite=<code>`.
 */
export interface Address {
  room: RoomId | null;
  message: number | null;
  invite: InviteCode | null;
}

const parse = (search: string): Address => {
  const params = new URLSearchParams(search);
  const room = RoomId.safeParse(params.get('room'));
  const invite = InviteCode.safeParse(params.get('invite'));
  const message = /^\d{1,15}$/.test(params.get('message') ?? '') ? Number(params.get('message')) : null;
  return { room: room.data ?? null, message, invite: invite.data ?? null };
};

let known = { search: '', address: parse('') };
const current = (): Address => {
  if (known.search !== location.search) known = { search: location.search, address: parse(location.search) };
  return known.address;
};

const subscribe = (listener: () => void): (() => void) => {
  window.addEventListener('popstate', listener);
  return () => window.removeEventListener('popstate', listener);
};

function go(path: string, replace = false): void {
  if (replace) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  window.dispatchEvent(new PopStateEvent('popstate'));
}

export function goToRoom(roomId: RoomId | null): void {
  if (roomId === current().room && current().message === null && current().invite === null) return;
  go(roomId === null ? '/' : `/?room=${roomId}`);
}

/** The message was shown: the address is the room's again. */
export function forgetMessage(): void {
  const { room, message } = current();
  if (room !== null && message !== null) go(`/?room=${room}`, true);
}

export const messageLink = (roomId: RoomId, seq: number): string => `${location.origin}/?room=${roomId}&message=${seq}`;
export const inviteLink = (code: InviteCode): string => `${location.origin}/?invite=${code}`;

const NOWHERE: Address = { room: null, message: null, invite: null };
export const useAddress = (): Address => useSyncExternalStore(subscribe, current, () => NOWHERE);
