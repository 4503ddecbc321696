import { z } from 'zod';
import { Emoji } from './entries.js';
import type { RefusalCode } from './errors.js';
import { RoomId, UserId } from './ids.js';
import { MEMBER_PAGE_MAX, PEOPLE_MAX, READERS_PAGE } from './limits.js';
import { HistoryPage, HistoryQuery, Pins, SEND_REFUSALS, SendMessage, seqParam, Stored } from './messages.js';
import { Login, Person, Refresh, Register, Session } from './people.js';
import { Presence } from './presence.js';
import { Edition, operations, restInput, type Operation } from './operations.js';
import { Readers, UnreadNumbers } from './reading.js';
import {
  Ban,
  Invite,
  InviteCode,
  InvitePreview,
  JoinedRoom,
  Member,
  MyRooms,
  MyRoomsQuery,
  PublicRoom,
} from './rooms.js';

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: `/api/${string}`;
  tag: string;
  summary: string;
  /** Needs `Authorization: Bearer <access token>`. */
  authenticated: boolean;
  params?: z.ZodObject;
  query?: z.ZodType;
  body?: z.ZodType;
  /** null: no body, the answer has none. */
  response: z.ZodType | null;
  status: 200 | 201 | 204;
  refusals: readonly RefusalCode[];
}

const inRoom = z.strictObject({ roomId: RoomId });
const ofMessage = z.strictObject({ roomId: RoomId, seq: seqParam });
const list = <T extends z.ZodType>(item: T) => z.strictObject({ items: z.array(item) });

const PeopleQuery = z.strictObject({
  ids: z
    .string()
    .transform((ids) => ids.split(','))
    .pipe(z.array(UserId).min(1).max(PEOPLE_MAX))
    .meta({ description: 'Comma-separated user ids.' }),
});
export type PeopleQuery = z.infer<typeof PeopleQuery>;

/**
 * The REST routes that only read, and those of accounts and messages; with the operations they are the whole REST
 * interface. /openapi.json is generated from them, and the controllers are bound to them.
 */
export const routes = {
  register: {
    method: 'POST',
    path: '/api/auth/register',
    tag: 'auth',
    summary: 'Make an account and sign in.',
    authenticated: false,
    body: Register,
    response: Session,
    status: 201,
    refusals: ['origin-refused', 'name-taken', 'rate-limited', 'overloaded', 'unknown'],
  },
  login: {
    method: 'POST',
    path: '/api/auth/login',
    tag: 'auth',
    summary: 'Sign in.',
    authenticated: false,
    body: Login,
    response: Session,
    status: 200,
    refusals: ['origin-refused', 'wrong-credentials', 'rate-limited', 'overloaded'],
  },
  refresh: {
    method: 'POST',
    path: '/api/auth/refresh',
    tag: 'auth',
    summary:
      'Trade the refresh token for a new pair; with the cookie, send {}. The old one still answers the same for ten seconds; used later it ends the session, its access tokens and its sockets.',
    authenticated: false,
    body: Refresh,
    response: Session,
    status: 200,
    refusals: ['unauthenticated', 'origin-refused'],
  },
  logout: {
    method: 'POST',
    path: '/api/auth/logout',
    tag: 'auth',
    summary: 'End this session; its sockets are closed.',
    authenticated: true,
    response: null,
    status: 204,
    refusals: [],
  },
  logoutEverywhere: {
    method: 'POST',
    path: '/api/auth/logout-everywhere',
    tag: 'auth',
    summary: 'End all my sessions, this one too; their sockets are closed on every node.',
    authenticated: true,
    response: null,
    status: 204,
    refusals: ['unavailable'],
  },
  me: {
    method: 'GET',
    path: '/api/me',
    tag: 'people',
    summary: 'Who am I?',
    authenticated: true,
    response: Person,
    status: 200,
    refusals: [],
  },
  people: {
    method: 'GET',
    path: '/api/people',
    tag: 'people',
    summary: 'Names for ids; unknown ids are left out.',
    authenticated: true,
    query: PeopleQuery,
    response: list(Person).meta({ id: 'People' }),
    status: 200,
    refusals: [],
  },
  findPeople: {
    method: 'GET',
    path: '/api/people/search',
    tag: 'people',
    summary: 'People whose name or displayed name begins with this, at most 20.',
    authenticated: true,
    query: z.strictObject({ text: z.string().min(1).max(64) }),
    response: list(Person).meta({ id: 'FoundPeople' }),
    status: 200,
    refusals: ['rate-limited'],
  },
  presence: {
    method: 'GET',
    path: '/api/presence',
    tag: 'people',
    summary: 'Who is online, away or offline, in the order of the ids.',
    authenticated: true,
    query: PeopleQuery,
    response: list(Presence).meta({ id: 'PresenceList' }),
    status: 200,
    refusals: ['unavailable'],
  },
  publicRooms: {
    method: 'GET',
    path: '/api/rooms',
    tag: 'rooms',
    summary: 'Rooms that are public or have a password, newest first, in pages of 50.',
    authenticated: true,
    query: z.strictObject({
      search: z.string().max(64).optional().meta({ description: 'Part of the name.' }),
      before: RoomId.optional().meta({ description: 'Only rooms older than this one.' }),
    }),
    response: list(PublicRoom).meta({ id: 'PublicRooms' }),
    status: 200,
    refusals: ['rate-limited'],
  },
  myRooms: {
    method: 'GET',
    path: '/api/me/rooms',
    tag: 'rooms',
    summary: 'Rooms I am a member of, latest activity first, with what is unread in them.',
    authenticated: true,
    query: MyRoomsQuery,
    response: MyRooms,
    status: 200,
    refusals: [],
  },
  room: {
    method: 'GET',
    path: '/api/rooms/{roomId}',
    tag: 'rooms',
    summary: 'One of my rooms.',
    authenticated: true,
    params: inRoom,
    response: JoinedRoom,
    status: 200,
    refusals: ['not-member'],
  },
  members: {
    method: 'GET',
    path: '/api/rooms/{roomId}/members',
    tag: 'rooms',
    summary: 'Who is a member, in the order they joined.',
    authenticated: true,
    params: inRoom,
    query: z.strictObject({
      after: seqParam.optional().meta({
        description: `joinedSeq of the last one of the previous page (pages of ${MEMBER_PAGE_MAX}).`,
      }),
    }),
    response: list(Member).meta({ id: 'Members' }),
    status: 200,
    refusals: ['not-member'],
  },
  bans: {
    method: 'GET',
    path: '/api/rooms/{roomId}/bans',
    tag: 'members',
    summary: 'Who is banned, newest first. For owner and admins.',
    authenticated: true,
    params: inRoom,
    response: list(Ban).meta({ id: 'Bans' }),
    status: 200,
    refusals: ['not-member', 'forbidden'],
  },
  invites: {
    method: 'GET',
    path: '/api/rooms/{roomId}/invites',
    tag: 'invites',
    summary: 'Invitations that are good now, newest first: all for owner and admins, else my own.',
    authenticated: true,
    params: inRoom,
    response: list(Invite).meta({ id: 'Invites' }),
    status: 200,
    refusals: ['not-member'],
  },
  invite: {
    method: 'GET',
    path: '/api/invites/{code}',
    tag: 'invites',
    summary: 'Where an invitation leads. Unknown, used up, expired and void ones answer alike.',
    authenticated: true,
    params: z.strictObject({ code: InviteCode }),
    response: InvitePreview,
    status: 200,
    refusals: ['not-found', 'rate-limited'],
  },
  pins: {
    method: 'GET',
    path: '/api/rooms/{roomId}/pins',
    tag: 'messages',
    summary: 'The pinned messages, newest pin first.',
    authenticated: true,
    params: inRoom,
    response: Pins,
    status: 200,
    refusals: ['not-member'],
  },
  editions: {
    method: 'GET',
    path: '/api/rooms/{roomId}/messages/{seq}/editions',
    tag: 'messages',
    summary: 'The earlier texts of a message, oldest first.',
    authenticated: true,
    params: ofMessage,
    response: list(Edition).meta({ id: 'Editions' }),
    status: 200,
    refusals: ['not-member'],
  },
  reactors: {
    method: 'GET',
    path: '/api/rooms/{roomId}/messages/{seq}/reactions',
    tag: 'messages',
    summary: 'Who put this emoji under a message, in that order, at most 100.',
    authenticated: true,
    params: ofMessage,
    query: z.strictObject({ emoji: Emoji }),
    response: list(Person).meta({ id: 'Reactors' }),
    status: 200,
    refusals: ['not-member'],
  },
  unreadNumbers: {
    method: 'GET',
    path: '/api/rooms/{roomId}/unread-numbers',
    tag: 'reading',
    summary: 'How many members have not read each message of a range.',
    authenticated: true,
    params: inRoom,
    query: z.strictObject({
      from: seqParam.meta({ description: 'First message that is wanted.' }),
      to: seqParam.optional().meta({ description: 'Last one; left out: the newest.' }),
    }),
    response: UnreadNumbers,
    status: 200,
    refusals: ['not-member', 'rate-limited'],
  },
  readers: {
    method: 'GET',
    path: '/api/rooms/{roomId}/messages/{seq}/readers',
    tag: 'reading',
    summary: `Who has read a message, or who has not, besides its sender; in pages of ${READERS_PAGE}.`,
    authenticated: true,
    params: ofMessage,
    query: z.strictObject({
      read: z.enum(['true', 'false']).default('true').meta({ description: 'false: those who have not.' }),
      after: UserId.optional().meta({ description: '`next` of the previous page.' }),
    }),
    response: Readers,
    status: 200,
    refusals: ['not-member', 'not-found', 'rate-limited'],
  },
  sendMessage: {
    method: 'POST',
    path: '/api/rooms/{roomId}/messages',
    tag: 'messages',
    summary: 'Say something, exactly as message:send does.',
    authenticated: true,
    params: inRoom,
    body: SendMessage,
    response: Stored,
    status: 201,
    refusals: SEND_REFUSALS,
  },
  history: {
    method: 'GET',
    path: '/api/rooms/{roomId}/messages',
    tag: 'messages',
    summary: 'Read a page of history.',
    authenticated: true,
    params: inRoom,
    query: HistoryQuery,
    response: HistoryPage,
    status: 200,
    refusals: ['not-member'],
  },
} as const satisfies Record<string, Route>;

/** Refusals that every route may answer. */
export const COMMON_REFUSALS = ['invalid', 'too-large', 'unavailable', 'internal'] as const satisfies RefusalCode[];

function routeOf(operation: Operation): Route {
  const { method, path, tag, summary, reply: response, status, refusals } = operation;
  const { params, body } = restInput(operation);
  return {
    method,
    path,
    tag,
    summary,
    authenticated: true,
    ...(Object.keys(params.shape).length === 0 ? {} : { params }),
    ...(body === undefined ? {} : { body }),
    response,
    status,
    refusals,
  };
}

/** Every route there is, by name; that of an operation has the operation's name. */
export const allRoutes = (): [name: string, route: Route][] => [
  ...Object.entries(routes),
  ...Object.entries(operations).map(([name, operation]): [string, Route] => [name, routeOf(operation)]),
];
