import { z } from 'zod';
import { Emoji, MessageText } from './entries.js';
import type { RefusalCode } from './errors.js';
import { RoomId, Seq, Timestamp, UserId } from './ids.js';
import { PreferRoom, ReadCursor, ReadRoom, RoomPreferences } from './reading.js';
import { BanReason, CreateRoom, GivenPassword, Invite, InviteCode, JoinedRoom, Role, UpdateRoom } from './rooms.js';

export interface Operation {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: `/api/${string}`;
  tag: string;
  summary: string;
  /** Over REST, what the path names comes from there and the rest is the body. */
  input: z.ZodObject;
  /** null: none. */
  reply: z.ZodType | null;
  status: 200 | 201 | 204;
  refusals: readonly RefusalCode[];
}

const inRoom = { roomId: RoomId };
const aboutMember = { ...inRoom, userId: UserId };
const aboutMessage = { ...inRoom, seq: Seq };
const seconds = z.int().min(1).max(31_536_000);

/** Answer of a change of a message. */
export const Changed = z
  .strictObject({
    ...aboutMessage,
    changeSeq: Seq.nullable().meta({ description: 'Seq of the change; null: it was so already, and nothing changed.' }),
  })
  .meta({ id: 'Changed' });
export type Changed = z.infer<typeof Changed>;

export const EditMessage = z.strictObject({ ...aboutMessage, text: MessageText }).meta({ id: 'EditMessage' });
export const DeleteMessage = z.strictObject(aboutMessage).meta({ id: 'DeleteMessage' });
export const SetReaction = z
  .strictObject({ ...aboutMessage, emoji: Emoji, on: z.boolean() })
  .meta({ id: 'SetReaction' });
export const SetPin = z.strictObject({ ...aboutMessage, pinned: z.boolean() }).meta({ id: 'SetPin' });

const ALWAYS = ['rate-limited', 'overloaded', 'unknown'] as const;
/** By the time of the answer the person has left again. */
const LEFT_AGAIN = ['not-member'] as const;
const BY_MEMBERS = ['not-member', 'forbidden', ...ALWAYS] as const;
const OF_MESSAGES = [...BY_MEMBERS, 'not-found', 'muted', 'archived'] as const;

/**
 * What changes rooms, memberships and messages: each is one REST route and one socket command with the same input,
 * the same answer and the same refusals.
 */
export const operations = {
  'room:create': {
    method: 'POST',
    path: '/api/rooms',
    tag: 'rooms',
    summary: 'Make a room and become its owner.',
    input: CreateRoom,
    reply: JoinedRoom,
    status: 201,
    refusals: [...ALWAYS, 'room-full'],
  },
  'room:direct': {
    method: 'POST',
    path: '/api/direct-rooms',
    tag: 'rooms',
    summary: 'The one room of me and another person; made with the first call.',
    input: z.strictObject({ userId: UserId }).meta({ id: 'OpenDirect' }),
    reply: JoinedRoom,
    status: 200,
    refusals: ['not-found', ...ALWAYS],
  },
  'room:join': {
    method: 'POST',
    path: '/api/rooms/{roomId}/join',
    tag: 'rooms',
    summary: 'Become a member of a public room, or of one whose password one knows. Joining twice is no error.',
    input: z.strictObject({ ...inRoom, password: GivenPassword }).meta({ id: 'JoinRoom' }),
    reply: JoinedRoom,
    status: 200,
    refusals: ['not-found', 'banned', 'wrong-password', 'room-full', 'archived', ...LEFT_AGAIN, ...ALWAYS],
  },
  'room:leave': {
    method: 'POST',
    path: '/api/rooms/{roomId}/leave',
    tag: 'rooms',
    summary: 'Stop being a member. With its last member a room is deleted. Not for direct rooms.',
    input: z.strictObject(inRoom).meta({ id: 'LeaveRoom' }),
    reply: null,
    status: 204,
    refusals: [...BY_MEMBERS, 'last-owner'],
  },
  'room:update': {
    method: 'PATCH',
    path: '/api/rooms/{roomId}',
    tag: 'rooms',
    summary: 'Change name, topic or settings. For owner and admins; in groups, name and topic for all.',
    input: UpdateRoom,
    reply: JoinedRoom,
    status: 200,
    refusals: [...BY_MEMBERS, 'conflict', 'archived'],
  },
  'room:archive': {
    method: 'PUT',
    path: '/api/rooms/{roomId}/archived',
    tag: 'rooms',
    summary: 'Make a room read-only, or open it again. For the owner.',
    input: z.strictObject({ ...inRoom, archived: z.boolean() }).meta({ id: 'ArchiveRoom' }),
    reply: JoinedRoom,
    status: 200,
    refusals: BY_MEMBERS,
  },
  'room:delete': {
    method: 'DELETE',
    path: '/api/rooms/{roomId}',
    tag: 'rooms',
    summary: 'Delete the room and everything said in it. For the owner.',
    input: z.strictObject(inRoom).meta({ id: 'DeleteRoom' }),
    reply: null,
    status: 204,
    refusals: BY_MEMBERS,
  },
  'room:transfer': {
    method: 'PUT',
    path: '/api/rooms/{roomId}/owner',
    tag: 'rooms',
    summary: 'Make another member the owner and become an admin.',
    input: z.strictObject(aboutMember).meta({ id: 'TransferRoom' }),
    reply: JoinedRoom,
    status: 200,
    refusals: [...BY_MEMBERS, 'not-found', 'archived'],
  },
  'member:add': {
    method: 'POST',
    path: '/api/rooms/{roomId}/members',
    tag: 'members',
    summary: 'Take somebody in. For owner and admins; in groups for all. Not for direct rooms.',
    input: z.strictObject(aboutMember).meta({ id: 'AddMember' }),
    reply: null,
    status: 204,
    refusals: [...BY_MEMBERS, 'not-found', 'banned', 'room-full', 'archived'],
  },
  'member:role': {
    method: 'PUT',
    path: '/api/rooms/{roomId}/members/{userId}/role',
    tag: 'members',
    summary: 'Make a member an admin, or an admin a member. For the owner.',
    input: z.strictObject({ ...aboutMember, role: Role.exclude(['owner']) }).meta({ id: 'SetRole' }),
    reply: null,
    status: 204,
    refusals: [...BY_MEMBERS, 'not-found', 'archived'],
  },
  'member:kick': {
    method: 'DELETE',
    path: '/api/rooms/{roomId}/members/{userId}',
    tag: 'members',
    summary: 'End a membership. For owner and admins, of those below them.',
    input: z.strictObject(aboutMember).meta({ id: 'KickMember' }),
    reply: null,
    status: 204,
    refusals: [...BY_MEMBERS, 'not-found', 'archived'],
  },
  'member:mute': {
    method: 'PUT',
    path: '/api/rooms/{roomId}/members/{userId}/mute',
    tag: 'members',
    summary: 'Let a member read and not write, for a time or until it is lifted. For owner and admins.',
    input: z
      .strictObject({ ...aboutMember, seconds: seconds.nullable().meta({ description: 'null: until it is lifted.' }) })
      .meta({ id: 'MuteMember' }),
    reply: null,
    status: 204,
    refusals: [...BY_MEMBERS, 'not-found', 'archived'],
  },
  'member:unmute': {
    method: 'DELETE',
    path: '/api/rooms/{roomId}/members/{userId}/mute',
    tag: 'members',
    summary: 'Let a member write again.',
    input: z.strictObject(aboutMember).meta({ id: 'UnmuteMember' }),
    reply: null,
    status: 204,
    refusals: [...BY_MEMBERS, 'not-found', 'archived'],
  },
  'member:ban': {
    method: 'PUT',
    path: '/api/rooms/{roomId}/bans/{userId}',
    tag: 'members',
    summary: 'End the membership, if there is one, and let the person in no more: for a time, or until it is lifted.',
    input: z
      .strictObject({
        ...aboutMember,
        seconds: seconds.nullable().default(null).meta({ description: 'null: until it is lifted.' }),
        reason: BanReason.optional(),
      })
      .meta({ id: 'BanMember' }),
    reply: null,
    status: 204,
    refusals: [...BY_MEMBERS, 'not-found', 'too-many', 'archived'],
  },
  'member:unban': {
    method: 'DELETE',
    path: '/api/rooms/{roomId}/bans/{userId}',
    tag: 'members',
    summary: 'Lift a ban.',
    input: z.strictObject(aboutMember).meta({ id: 'UnbanMember' }),
    reply: null,
    status: 204,
    refusals: [...BY_MEMBERS, 'not-found'],
  },
  'invite:create': {
    method: 'POST',
    path: '/api/rooms/{roomId}/invites',
    tag: 'invites',
    summary: 'Make a code that lets people in. For owner and admins; in groups for all. Not for direct rooms.',
    input: z
      .strictObject({
        ...inRoom,
        expiresInSeconds: seconds.nullable().default(604_800).meta({ description: 'null: never.' }),
        maxUses: z.int().min(1).max(10_000).nullable().default(null).meta({ description: 'null: any number.' }),
      })
      .meta({ id: 'CreateInvite' }),
    reply: Invite,
    status: 201,
    refusals: [...BY_MEMBERS, 'too-many', 'archived'],
  },
  'invite:revoke': {
    method: 'DELETE',
    path: '/api/rooms/{roomId}/invites/{code}',
    tag: 'invites',
    summary: 'Make an invitation void. For owner and admins, and for who made it.',
    input: z.strictObject({ ...inRoom, code: InviteCode }).meta({ id: 'RevokeInvite' }),
    reply: null,
    status: 204,
    refusals: [...BY_MEMBERS, 'not-found'],
  },
  'invite:accept': {
    method: 'POST',
    path: '/api/invites/{code}/accept',
    tag: 'invites',
    summary: 'Become a member by an invitation. A room with a password asks for it all the same.',
    input: z.strictObject({ code: InviteCode, password: GivenPassword }).meta({ id: 'AcceptInvite' }),
    reply: JoinedRoom,
    status: 200,
    refusals: ['not-found', 'banned', 'wrong-password', 'room-full', 'archived', ...LEFT_AGAIN, ...ALWAYS],
  },
  'room:read': {
    method: 'PUT',
    path: '/api/rooms/{roomId}/read-cursor',
    tag: 'reading',
    summary: 'I have read up to here, on all my devices. Sending reads, too.',
    input: ReadRoom,
    reply: ReadCursor,
    status: 200,
    refusals: ['not-member', 'rate-limited'],
  },
  'room:prefer': {
    method: 'PATCH',
    path: '/api/rooms/{roomId}/preferences',
    tag: 'reading',
    summary: 'How I want to have this room: notifications, pinned in my list, marked as unread.',
    input: PreferRoom,
    reply: RoomPreferences,
    status: 200,
    refusals: ['not-member', 'rate-limited', 'unknown'],
  },
  'message:edit': {
    method: 'PATCH',
    path: '/api/rooms/{roomId}/messages/{seq}',
    tag: 'messages',
    summary: 'Change the text of my message. The text before is kept; members can read it.',
    input: EditMessage,
    reply: Changed,
    status: 200,
    refusals: [...OF_MESSAGES, 'too-late'],
  },
  'message:delete': {
    method: 'DELETE',
    path: '/api/rooms/{roomId}/messages/{seq}',
    tag: 'messages',
    summary: 'Delete a message, with every earlier text of it: mine, or as owner or admin anybody’s.',
    input: DeleteMessage,
    reply: Changed,
    status: 200,
    refusals: OF_MESSAGES,
  },
  'reaction:set': {
    method: 'PUT',
    path: '/api/rooms/{roomId}/messages/{seq}/reactions',
    tag: 'messages',
    summary: 'Put an emoji under a message, or take mine away.',
    input: SetReaction,
    reply: Changed,
    status: 200,
    refusals: [...OF_MESSAGES, 'too-many'],
  },
  'message:pin': {
    method: 'PUT',
    path: '/api/rooms/{roomId}/messages/{seq}/pin',
    tag: 'messages',
    summary: 'Pin a message, or unpin it. For owner and admins; in groups and direct rooms for all.',
    input: SetPin,
    reply: Changed,
    status: 200,
    refusals: [...OF_MESSAGES, 'too-many'],
  },
} as const satisfies Record<string, Operation>;

export type Operations = typeof operations;
export type OperationName = keyof Operations;
export type OperationInput<N extends OperationName> = z.output<Operations[N]['input']>;
export type OperationReply<N extends OperationName> = Operations[N]['reply'] extends z.ZodType
  ? z.output<Operations[N]['reply']>
  : undefined;

/** An earlier text of a message. */
export const Edition = z
  .strictObject({ text: z.string(), until: Timestamp.meta({ description: 'When the next text replaced it.' }) })
  .meta({ id: 'Edition' });
export type Edition = z.infer<typeof Edition>;

/** The parts of an operation's input that come from its path, and those of its body, if it has one. */
export function restInput({ path, input }: Operation): { params: z.ZodObject; body: z.ZodObject | undefined } {
  const names = new Set([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  const [inPath, inBody] = [true, false].map((wanted) =>
    Object.fromEntries(Object.entries(input.shape).filter(([name]) => names.has(name) === wanted)),
  );
  const body = names.size === 0 ? input : z.strictObject(inBody ?? {});
  return { params: z.strictObject(inPath ?? {}), body: Object.keys(body.shape).length === 0 ? undefined : body };
}
