import { ChatError, type Role, type RoomKind } from '@maru/contract';

const RANK: Record<Role, number> = { member: 1, admin: 2, owner: 3 };

export const isAtLeast = (role: Role, least: Role): boolean => RANK[role] >= RANK[least];

/** People of lower rank may be kicked, muted and banned; who is no member ranks lowest. */
export const outranks = (role: Role, other: Role | undefined): boolean =>
  RANK[role] > (other === undefined ? 0 : RANK[other]);

/** In a group every member may do what elsewhere is for owner and admins; in a direct room nobody may. */
export function mayInvite(kind: RoomKind, role: Role): boolean {
  return kind === 'group' || (kind !== 'direct' && isAtLeast(role, 'admin'));
}

/** Everybody pins in conversations between given people; else owner and admins do. */
export const mayPin = (kind: RoomKind, role: Role): boolean =>
  kind === 'group' || kind === 'direct' || isAtLeast(role, 'admin');

/** Rooms that are found in the directory and can be asked to be let into. */
export const isListed = (kind: RoomKind): boolean => kind === 'public' || kind === 'password';

/** Throws `forbidden`. */
export function allow(allowed: boolean): void {
  if (!allowed) throw new ChatError('forbidden');
}
