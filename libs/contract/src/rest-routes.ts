import { z } from 'zod';
import type { RefusalCode } from './errors.js';
import { RoomId, UserId } from './ids.js';
import { MEMBER_PAGE_MAX, PEOPLE_MAX } from './limits.js';
import { HistoryPage, HistoryQuery, SendMessage, Stored } from './messages.js';
import { Login, Person, Refresh, Register, Session } from './people.js';
import { Presence } from './presence.js';
import { CreateRoom, Member, MyRooms, PublicRoom, Room } from './rooms.js';

export interface Route {
  method: 'GET' | 'POST';
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
const list = <T extends z.ZodType>(item: T) => z.strictObject({ items: z.array(item) });

/** The whole REST interface on one page; /openapi.json is generated from it, and the controllers are bound to it. */
const PeopleQuery = z.strictObject({
  ids: z
    .string()
    .transform((ids) => ids.split(','))
    .pipe(z.array(UserId).min(1).max(PEOPLE_MAX))
    .meta({ description: 'Comma-separated user ids.' }),
});
export type PeopleQuery = z.infer<typeof PeopleQuery>;

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
  createRoom: {
    method: 'POST',
    path: '/api/rooms',
    tag: 'rooms',
    summary: 'Make a public room and become its owner.',
    authenticated: true,
    body: CreateRoom,
    response: Room,
    status: 201,
    refusals: ['rate-limited', 'unknown'],
  },
  publicRooms: {
    method: 'GET',
    path: '/api/rooms',
    tag: 'rooms',
    summary: 'Public rooms, newest first, in pages of 50.',
    authenticated: true,
    query: z.strictObject({
      search: z.string().max(64).optional().meta({ description: 'Part of the name.' }),
      before: RoomId.optional().meta({ description: 'Only rooms older than this one.' }),
    }),
    response: list(PublicRoom).meta({ id: 'PublicRooms' }),
    status: 200,
    refusals: [],
  },
  myRooms: {
    method: 'GET',
    path: '/api/me/rooms',
    tag: 'rooms',
    summary: 'Rooms I am a member of, latest activity first.',
    authenticated: true,
    response: MyRooms,
    status: 200,
    refusals: [],
  },
  joinRoom: {
    method: 'POST',
    path: '/api/rooms/{roomId}/join',
    tag: 'rooms',
    summary: 'Become a member. Joining twice is no error.',
    authenticated: true,
    params: inRoom,
    response: Room,
    status: 200,
    refusals: ['not-found', 'rate-limited', 'unknown'],
  },
  leaveRoom: {
    method: 'POST',
    path: '/api/rooms/{roomId}/leave',
    tag: 'rooms',
    summary: 'Stop being a member.',
    authenticated: true,
    params: inRoom,
    response: null,
    status: 204,
    refusals: ['not-member', 'rate-limited', 'unknown'],
  },
  members: {
    method: 'GET',
    path: '/api/rooms/{roomId}/members',
    tag: 'rooms',
    summary: 'Who is a member, in the order they joined.',
    authenticated: true,
    params: inRoom,
    query: z.strictObject({
      after: UserId.optional().meta({
        description: `The last one of the previous page (pages of ${MEMBER_PAGE_MAX}).`,
      }),
    }),
    response: list(Member).meta({ id: 'Members' }),
    status: 200,
    refusals: ['not-member'],
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
    refusals: ['not-member', 'conflict', 'rate-limited', 'overloaded', 'unknown'],
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
