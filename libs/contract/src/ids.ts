import { z } from 'zod';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A UUID version 7 (RFC 9562) in lower case: unique without asking anyone, ordered by the time it was made. */
const uuidv7 = (what: string): z.ZodString =>
  z.string().regex(UUID_V7, 'must be a UUIDv7 in lower case').meta({ format: 'uuid', description: what });

export const UserId = uuidv7('Identifies a person.').brand<'UserId'>();
export type UserId = z.infer<typeof UserId>;

export const SessionId = uuidv7('Identifies one signed-in device.').brand<'SessionId'>();
export type SessionId = z.infer<typeof SessionId>;

export const RoomId = uuidv7('Identifies a room.').brand<'RoomId'>();
export type RoomId = z.infer<typeof RoomId>;

export const MessageId = uuidv7(
  'Made by the sender and kept over every resend: the same id is stored once.',
).brand<'MessageId'>();
export type MessageId = z.infer<typeof MessageId>;

/** Place in the one order of a room: 1, 2, 3 … without holes. 0 stands before the first entry. */
export const Seq = z
  .int()
  .min(0)
  .max(999_999_999_999_999)
  .meta({ description: "Place in the room's one order, from 1, without holes." });

/** Milliseconds since 1970-01-01T00:00:00Z. */
export const Timestamp = z.int().min(0).meta({ description: 'Milliseconds since 1970-01-01T00:00:00Z.' });
