import { z } from 'zod';
import { CAPACITY_MAX, SLOW_MODE_MAX_S } from './limits.js';

/** How people come into a room that is no conversation between given people. */
export const RoomAccess = z.enum(['public', 'private', 'password']).meta({
  id: 'RoomAccess',
  description: 'public: listed, anyone may join. password: listed, joined with its password. private: by invitation.',
});
export type RoomAccess = z.infer<typeof RoomAccess>;

export const RoomKind = z.enum([...RoomAccess.options, 'group', 'direct']).meta({
  id: 'RoomKind',
  description: 'group: not listed, every member may add people. direct: two people, one room for each pair.',
});
export type RoomKind = z.infer<typeof RoomKind>;

export const Capacity = z.int().min(2).max(CAPACITY_MAX).nullable().meta({
  description: 'The most members there may be; null: as many as come. Lowering it sends nobody away.',
});

export const HistoryVisibility = z
  .enum(['all', 'joined'])
  .meta({ description: 'Who sees history: every member all of it, or only what came since joining.' });

export const SlowModeSeconds = z
  .int()
  .min(0)
  .max(SLOW_MODE_MAX_S)
  .meta({ description: 'How long a member waits between two messages; 0: not at all. Not for owner and admins.' });

export const RoomSettings = z
  .strictObject({
    kind: RoomKind,
    capacity: Capacity,
    history: HistoryVisibility,
    slowModeSeconds: SlowModeSeconds,
  })
  .meta({ id: 'RoomSettings' });
export type RoomSettings = z.infer<typeof RoomSettings>;
