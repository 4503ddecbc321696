import type { RoomId, SessionId, UserId } from '@maru/contract';

/**
 * Every key. What belongs to one room carries `{r:<id>}`, what belongs to one person `{u:<id>}`: one slot of a Redis
 * Cluster each. A call for many people touches many slots.
 */
export const keys = {
  sendRate: (user: UserId): string => `{u:${user}}:rate:send`,
  roomChangeRate: (user: UserId): string => `{u:${user}}:rate:rooms`,
  changeRate: (user: UserId): string => `{u:${user}}:rate:changes`,
  readRate: (user: UserId): string => `{u:${user}}:rate:reads`,
  lookupRate: (user: UserId): string => `{u:${user}}:rate:lookups`,
  slowMode: (room: RoomId, user: UserId): string => `{r:${room}}:slow:${user}`,
  session: (user: UserId, session: SessionId): string => `{u:${user}}:session:${session}`,
  presence: (user: UserId): string => `{u:${user}}:presence`,
  seen: (user: UserId): string => `{u:${user}}:seen`,
  nodeLeases: '{nodes}:leases',
  nodeDetails: '{nodes}:details',
  /** The channel of one node. */
  relay: (node: string): string => `{n:${node}}:relay`,
  stream: (name: string): string => `{${name}}:stream`,
  setAside: (name: string): string => `{${name}}:set-aside`,
  roomLock: (room: RoomId): string => `{r:${room}}:lock`,
};
