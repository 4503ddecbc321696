import { z } from 'zod';
import { RoomId, Timestamp, UserId } from './ids.js';

export const PresenceStatus = z
  .enum(['online', 'away', 'offline'])
  .meta({ id: 'PresenceStatus', description: 'away: connected, and idle on every device.' });
export type PresenceStatus = z.infer<typeof PresenceStatus>;

export const Presence = z
  .strictObject({
    userId: UserId,
    status: PresenceStatus,
    lastSeenAt: Timestamp.nullable().meta({ description: 'When this person was last connected, if that is known.' }),
  })
  .meta({ id: 'Presence' });
export type Presence = z.infer<typeof Presence>;

export const PresenceChanged = z.strictObject({ people: z.array(Presence).min(1) }).meta({
  id: 'PresenceChanged',
  description: 'Absolute, of people who share a room that this socket views. Nobody said so: offline.',
});
export type PresenceChanged = z.infer<typeof PresenceChanged>;

export const PresenceSet = z
  .strictObject({ away: z.boolean().meta({ description: 'true once nobody has touched this device for a while.' }) })
  .meta({ id: 'PresenceSet' });
export type PresenceSet = z.infer<typeof PresenceSet>;

export const TypingSet = z
  .strictObject({
    roomId: RoomId,
    typing: z.boolean().meta({ description: 'Say true again every 3 seconds; it expires after 5.' }),
  })
  .meta({ id: 'TypingSet' });
export type TypingSet = z.infer<typeof TypingSet>;

export const RoomTyping = z
  .strictObject({
    roomId: RoomId,
    userIds: z.array(UserId).meta({ description: 'Who is typing now; at most three, oneself included.' }),
    more: z.boolean().meta({ description: 'Others are, too.' }),
  })
  .meta({
    id: 'RoomTyping',
    description:
      'Absolute, and said again while it lasts: forget what is older than 6 seconds. The first kind of event to be left out under load.',
  });
export type RoomTyping = z.infer<typeof RoomTyping>;
