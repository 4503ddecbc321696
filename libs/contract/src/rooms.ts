import { z } from 'zod';
import { HistoryEntry } from './entries.js';
import { RoomId, Seq, Timestamp } from './ids.js';
import { Person } from './people.js';

export const RoomName = z
  .string()
  .min(1)
  .max(64)
  .refine((name) => name.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name) && name.trim() === name, 'plain text')
  .meta({ minLength: 1, maxLength: 64, description: 'No line breaks, no blanks at the ends.' });

export const CreateRoom = z.strictObject({ name: RoomName }).meta({ id: 'CreateRoom' });
export type CreateRoom = z.infer<typeof CreateRoom>;

export const Room = z
  .strictObject({
    id: RoomId,
    name: RoomName,
    createdAt: Timestamp,
    memberCount: z.int().min(0),
    head: Seq.meta({ description: 'Seq of the newest entry.' }),
    ordinal: z.int().min(0).meta({ description: 'How many messages the room has had.' }),
    historyEpoch: z.int().min(1).meta({ description: 'Raised when history itself was replaced: reload everything.' }),
  })
  .meta({ id: 'Room' });
export type Room = z.infer<typeof Room>;

export const MyRoom = Room.extend({
  last: HistoryEntry.nullable().meta({ description: 'Newest message or system entry, in its present state.' }),
}).meta({ id: 'MyRoom' });
export type MyRoom = z.infer<typeof MyRoom>;

export const MyRooms = z.strictObject({ rooms: z.array(MyRoom), people: z.array(Person) }).meta({ id: 'MyRooms' });
export type MyRooms = z.infer<typeof MyRooms>;

export const PublicRoom = Room.extend({ joined: z.boolean() }).meta({ id: 'PublicRoom' });
export type PublicRoom = z.infer<typeof PublicRoom>;

export const Role = z.enum(['owner', 'member']);
export type Role = z.infer<typeof Role>;

export const Member = z.strictObject({ person: Person, role: Role, joinedSeq: Seq }).meta({ id: 'Member' });
export type Member = z.infer<typeof Member>;
