import { z } from 'zod';
import { HistoryEntry, VISIBLE } from './entries.js';
import { RoomId, Seq, Timestamp, UserId } from './ids.js';
import { FIRST_MEMBERS_MAX, MENTIONED_MAX, ROOM_LIST_DEFAULT, ROOM_LIST_MAX, TOPIC_MAX } from './limits.js';
import { DisplayName, Person } from './people.js';
import { ReadCursor, RoomPreferences } from './reading.js';
import { Capacity, HistoryVisibility, RoomAccess, RoomSettings, SlowModeSeconds } from './room-settings.js';

const plainText = (max: number, min: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .refine((text) => text.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text) && text.trim() === text, 'plain text')
    .refine((text) => text === '' || VISIBLE.test(text), 'must be visible')
    .meta({ minLength: min, maxLength: max, description: 'No line breaks, no blanks at the ends.' });

export const RoomName = plainText(64, 1);
export const RoomTopic = plainText(TOPIC_MAX, 0);

export const RoomPassword = z
  .string()
  .min(4)
  .max(128)
  .refine((password) => password.isWellFormed(), 'must be well-formed Unicode')
  .meta({ format: 'password' });

/** What somebody types who wants to come in: whatever is no password of a room is a wrong one. */
export const GivenPassword = z
  .string()
  .max(128)
  .refine((password) => password.isWellFormed(), 'must be well-formed Unicode')
  .optional()
  .meta({
    format: 'password',
    description: 'Of rooms with a password. Five tries in 15 minutes, person and room.',
  });

export const CreateRoom = z
  .strictObject({
    name: RoomName,
    kind: z.enum([...RoomAccess.options, 'group']).default('public'),
    topic: RoomTopic.default(''),
    password: RoomPassword.optional().meta({ description: 'For kind `password`, and only there.' }),
    capacity: Capacity.default(null),
    history: HistoryVisibility.default('all'),
    slowModeSeconds: SlowModeSeconds.default(0),
    members: z
      .array(UserId)
      .max(FIRST_MEMBERS_MAX)
      .default([])
      .meta({ description: 'Taken in at once. Unknown ids are left out.' }),
  })
  .meta({ id: 'CreateRoom' });
export type CreateRoom = z.infer<typeof CreateRoom>;

export const UpdateRoom = z
  .strictObject({
    roomId: RoomId,
    version: z.int().min(1).meta({ description: 'Of the room as it was read; `conflict` if it is not the newest.' }),
    name: RoomName.optional(),
    topic: RoomTopic.optional(),
    kind: RoomAccess.optional().meta({ description: 'Not for groups.' }),
    password: RoomPassword.optional().meta({ description: 'Needed to make the kind `password`; alone: a new one.' }),
    capacity: Capacity.optional(),
    history: HistoryVisibility.optional(),
    slowModeSeconds: SlowModeSeconds.optional(),
  })
  .meta({ id: 'UpdateRoom' });
export type UpdateRoom = z.infer<typeof UpdateRoom>;

export const Room = z
  .strictObject({
    id: RoomId,
    name: z.string().meta({ description: 'Empty for direct rooms: show the name of the other person.' }),
    topic: z.string(),
    ...RoomSettings.shape,
    archived: z.boolean().meta({ description: 'It can be read and not changed.' }),
    version: z.int().min(1).meta({ description: 'Raised by every change of name, topic or settings.' }),
    createdAt: Timestamp,
    memberCount: z.int().min(0),
    head: Seq.meta({ description: 'Seq of the newest entry.' }),
    ordinal: z.int().min(0).meta({ description: 'How many messages the room has had.' }),
    historyEpoch: z.int().min(1).meta({ description: 'Raised when history itself was replaced: reload everything.' }),
  })
  .meta({ id: 'Room' });
export type Room = z.infer<typeof Room>;

export const Role = z.enum(['owner', 'admin', 'member']).meta({ id: 'Role' });
export type Role = z.infer<typeof Role>;

const mutedUntil = Timestamp.nullable().meta({ description: 'Reads and does not write until then. null: writes.' });

/** A room as one of its members sees it. */
export const JoinedRoom = Room.extend({
  role: Role,
  joinedSeq: Seq.meta({ description: 'The entry with which I became a member.' }),
  mutedUntil,
  peerId: UserId.nullable().meta({ description: 'Of direct rooms, the other person.' }),
}).meta({ id: 'JoinedRoom' });
export type JoinedRoom = z.infer<typeof JoinedRoom>;

export const MyRoom = JoinedRoom.extend({
  last: HistoryEntry.nullable().meta({ description: 'Newest message or system entry, in its present state.' }),
  read: ReadCursor,
  unread: z.int().min(0).meta({ description: 'Messages above my cursor: ordinal less read.ordinal.' }),
  mentions: z
    .array(Seq)
    .max(MENTIONED_MAX)
    .meta({ description: `Messages above my cursor that mention me, newest first, at most ${MENTIONED_MAX}.` }),
  preferences: RoomPreferences,
}).meta({ id: 'MyRoom' });
export type MyRoom = z.infer<typeof MyRoom>;

export const MyRooms = z
  .strictObject({
    rooms: z.array(MyRoom),
    people: z.array(Person).meta({ description: 'Who is named in these rooms.' }),
    next: z.string().nullable().meta({ description: 'Pass it as `after` for the next page; null: this was the last.' }),
  })
  .meta({ id: 'MyRooms' });
export type MyRooms = z.infer<typeof MyRooms>;

/** Where a page of rooms by activity ends: time of the last activity and id of its last room. */
export const RoomListCursor = z.stringFormat('cursor', /^\d{1,15}\.[0-9a-f-]{36}$/);

export const MyRoomsQuery = z.strictObject({
  search: z
    .string()
    .max(64)
    .optional()
    .meta({ description: 'Part of the name, or of the other person’s; Korean also by initial consonants (ㅁㄹ).' }),
  after: RoomListCursor.optional().meta({ description: '`next` of the previous page.' }),
  limit: z
    .stringFormat('limit', /^\d{1,3}$/)
    .transform(Number)
    .pipe(z.int().min(1).max(ROOM_LIST_MAX))
    .default(ROOM_LIST_DEFAULT),
});
export type MyRoomsQuery = z.infer<typeof MyRoomsQuery>;

export const WatchRooms = z
  .strictObject({
    after: RoomId.optional().meta({ description: '`next` of the previous answer; left out: from the beginning.' }),
  })
  .meta({ id: 'WatchRooms' });
export type WatchRooms = z.infer<typeof WatchRooms>;

export const PublicRoom = Room.extend({ joined: z.boolean() }).meta({ id: 'PublicRoom' });
export type PublicRoom = z.infer<typeof PublicRoom>;

export const Member = z.strictObject({ person: Person, role: Role, joinedSeq: Seq, mutedUntil }).meta({ id: 'Member' });
export type Member = z.infer<typeof Member>;

export const BanReason = plainText(200, 1);

export const Ban = z
  .strictObject({
    person: Person,
    until: Timestamp.nullable().meta({ description: 'null: until somebody lifts it.' }),
    reason: z.string().nullable(),
    bannedBy: UserId,
    createdAt: Timestamp,
  })
  .meta({ id: 'Ban' });
export type Ban = z.infer<typeof Ban>;

/** 128 random bits. Who has the code has the invitation. */
export const InviteCode = z
  .string()
  .regex(/^[\w-]{22}$/)
  .brand<'InviteCode'>();
export type InviteCode = z.infer<typeof InviteCode>;

export const Invite = z
  .strictObject({
    code: InviteCode,
    roomId: RoomId,
    createdBy: UserId,
    createdAt: Timestamp,
    expiresAt: Timestamp.nullable(),
    maxUses: z.int().min(1).nullable(),
    uses: z.int().min(0),
  })
  .meta({ id: 'Invite' });
export type Invite = z.infer<typeof Invite>;

export const InvitePreview = z
  .strictObject({
    roomId: RoomId,
    name: z.string(),
    topic: z.string(),
    kind: RoomSettings.shape.kind,
    memberCount: z.int().min(0),
    joined: z.boolean(),
    invitedBy: DisplayName,
  })
  .meta({ id: 'InvitePreview', description: 'What somebody sees who was given the code.' });
export type InvitePreview = z.infer<typeof InvitePreview>;
