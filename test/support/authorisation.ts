import type { CommandName, RouteName } from './names.js';

/** Who somebody is to the room that a request is about. */
export const ROLES = ['anonymous', 'stranger', 'exMember', 'member', 'admin', 'owner'] as const;
export type Role = (typeof ROLES)[number];
export type Expected = Record<Role, string>;

/** What a row may refer to: a public room, with people in every role, and things in it. */
export interface Case {
  roomId: string;
  /** A plain member, who also wrote the message. */
  targetId: string;
  /** Somebody who is no member. */
  outsiderId: string;
  bannedId: string;
  /** A message of the target. */
  seq: number;
  /** A message of whoever asks, if he is or was a member; else the target's. */
  ownSeq: number;
  code: string;
  version: number;
  /** A new UUIDv7. */
  id: string;
}

export interface Row {
  expected: Expected;
  /** Of commands: the payload. Of routes: what fills path, query and body. */
  input: (about: Case) => Record<string, unknown>;
}

const outcomes = (stranger: string, member: string, admin = member, owner = admin): Expected => ({
  anonymous: 'unauthenticated',
  stranger,
  exMember: stranger,
  member,
  admin,
  owner,
});
const ANYONE = { ...outcomes('ok', 'ok'), anonymous: 'ok' };
const SIGNED_IN = outcomes('ok', 'ok');
const MEMBERS = outcomes('not-member', 'ok');
const ADMINS = outcomes('not-member', 'forbidden', 'ok');
const OWNERS = outcomes('not-member', 'forbidden', 'forbidden', 'ok');

const room = ({ roomId }: Case) => ({ roomId });
const member = ({ roomId, targetId }: Case) => ({ roomId, userId: targetId });
const message = ({ roomId, seq }: Case) => ({ roomId, seq });
const nothing = () => ({});

/**
 * Who may ask for what. Every route, operation and command of the contract has a row here, or the types do not fit.
 * `ok` is an answer, anything else the code of a refusal.
 */
export const AUTHORISATION: Record<CommandName | RouteName, Row> = {
  register: { expected: ANYONE, input: ({ id }) => ({ name: `m${id.slice(-12)}`, password: 'correct horse battery' }) },
  login: {
    expected: { ...outcomes('wrong-credentials', 'wrong-credentials'), anonymous: 'wrong-credentials' },
    input: () => ({ name: 'nobody-of-that-name', password: 'wrong' }),
  },
  refresh: {
    expected: { ...outcomes('unauthenticated', 'unauthenticated') },
    input: () => ({ refreshToken: 'x'.repeat(43) }),
  },
  logout: { expected: SIGNED_IN, input: nothing },
  logoutEverywhere: { expected: SIGNED_IN, input: nothing },
  me: { expected: SIGNED_IN, input: nothing },
  people: { expected: SIGNED_IN, input: ({ targetId }) => ({ ids: targetId }) },
  findPeople: { expected: SIGNED_IN, input: () => ({ text: 'p' }) },
  presence: { expected: SIGNED_IN, input: ({ targetId }) => ({ ids: targetId }) },
  publicRooms: { expected: SIGNED_IN, input: nothing },
  myRooms: { expected: SIGNED_IN, input: nothing },
  room: { expected: MEMBERS, input: room },
  members: { expected: MEMBERS, input: room },
  bans: { expected: ADMINS, input: room },
  invites: { expected: MEMBERS, input: room },
  invite: { expected: SIGNED_IN, input: ({ code }) => ({ code }) },
  pins: { expected: MEMBERS, input: room },
  editions: { expected: MEMBERS, input: message },
  reactors: { expected: MEMBERS, input: (about) => ({ ...message(about), emoji: '👍' }) },
  sendMessage: { expected: MEMBERS, input: ({ roomId, id }) => ({ roomId, id, text: 'hello' }) },
  history: { expected: MEMBERS, input: room },
  unreadNumbers: { expected: MEMBERS, input: ({ roomId }) => ({ roomId, from: '1' }) },
  readers: { expected: MEMBERS, input: message },

  'message:send': { expected: MEMBERS, input: ({ roomId, id }) => ({ roomId, id, text: 'hello' }) },
  'room:open': { expected: MEMBERS, input: ({ roomId }) => ({ roomId, after: null }) },
  'room:close': { expected: SIGNED_IN, input: room },
  'rooms:watch': { expected: SIGNED_IN, input: nothing },
  'history:read': { expected: MEMBERS, input: room },
  'unread:read': { expected: MEMBERS, input: ({ roomId }) => ({ roomId, from: 1 }) },
  'typing:set': { expected: MEMBERS, input: ({ roomId }) => ({ roomId, typing: true }) },
  'presence:set': { expected: SIGNED_IN, input: () => ({ away: false }) },

  'room:create': { expected: SIGNED_IN, input: () => ({ name: 'Another room' }) },
  'room:direct': { expected: SIGNED_IN, input: ({ outsiderId }) => ({ userId: outsiderId }) },
  'room:join': { expected: SIGNED_IN, input: room },
  'room:leave': { expected: outcomes('not-member', 'ok', 'ok', 'last-owner'), input: room },
  'room:update': {
    expected: ADMINS,
    input: ({ roomId, version }) => ({ roomId, version, topic: 'About everything', slowModeSeconds: 5 }),
  },
  'room:archive': { expected: OWNERS, input: ({ roomId }) => ({ roomId, archived: true }) },
  'room:delete': { expected: OWNERS, input: room },
  'room:transfer': { expected: OWNERS, input: member },
  'member:add': { expected: ADMINS, input: ({ roomId, outsiderId }) => ({ roomId, userId: outsiderId }) },
  'member:role': { expected: OWNERS, input: (about) => ({ ...member(about), role: 'admin' }) },
  'member:kick': { expected: ADMINS, input: member },
  'member:mute': { expected: ADMINS, input: (about) => ({ ...member(about), seconds: 60 }) },
  'member:unmute': { expected: ADMINS, input: member },
  'member:ban': { expected: ADMINS, input: member },
  'member:unban': { expected: ADMINS, input: ({ roomId, bannedId }) => ({ roomId, userId: bannedId }) },
  'invite:create': { expected: ADMINS, input: room },
  'invite:revoke': { expected: ADMINS, input: ({ roomId, code }) => ({ roomId, code }) },
  'invite:accept': { expected: SIGNED_IN, input: ({ code }) => ({ code }) },
  'room:read': { expected: MEMBERS, input: message },
  'room:prefer': { expected: MEMBERS, input: ({ roomId }) => ({ roomId, pinned: true }) },
  'message:edit': { expected: MEMBERS, input: ({ roomId, ownSeq }) => ({ roomId, seq: ownSeq, text: 'edited' }) },
  'message:delete': { expected: ADMINS, input: message },
  'reaction:set': { expected: MEMBERS, input: (about) => ({ ...message(about), emoji: '👍', on: true }) },
  'message:pin': { expected: ADMINS, input: (about) => ({ ...message(about), pinned: true }) },
};
