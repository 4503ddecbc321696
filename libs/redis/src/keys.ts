import type { RoomId, SessionId, UserId } from '@maru/contract';

/** People's keys lie in so many slots of a Redis Cluster: a call for many people is at most so many calls there. */
const GROUPS = 64;

const ofUser = (user: UserId): string => `{u:${Number.parseInt(user.slice(-2), 16) % GROUPS}}:${user}`;

/** Every key. The part in braces says which slot of a Redis Cluster it is in; a script's keys are in one. */
export const keys = {
  sendRate: (user: UserId): string => `${ofUser(user)}:rate:send`,
  roomChangeRate: (user: UserId): string => `${ofUser(user)}:rate:rooms`,
  changeRate: (user: UserId): string => `${ofUser(user)}:rate:changes`,
  readRate: (user: UserId): string => `${ofUser(user)}:rate:reads`,
  lookupRate: (user: UserId): string => `${ofUser(user)}:rate:lookups`,
  slowMode: (room: RoomId, user: UserId): string => `{r:${room}}:slow:${user}`,
  session: (user: UserId, session: SessionId): string => `${ofUser(user)}:session:${session}`,
  presence: (user: UserId): string => `${ofUser(user)}:presence`,
  seen: (user: UserId): string => `${ofUser(user)}:seen`,
  nodeLeases: '{nodes}:leases',
  nodeDetails: '{nodes}:details',
  /** The channel of one node. */
  relay: (node: string): string => `{n:${node}}:relay`,
  stream: (name: string): string => `{${name}}:stream`,
  setAside: (name: string): string => `{${name}}:set-aside`,
  roomLock: (room: RoomId): string => `{r:${room}}:lock`,
};
