import { z } from 'zod';
import { Refusal, type RefusalCode } from './errors.js';
import {
  HistoryPage,
  HistoryRead,
  MessageSend,
  SEND_REFUSALS,
  RoomActivity,
  RoomClose,
  RoomEntries,
  RoomEvicted,
  RoomJoined,
  RoomOpen,
  RoomOpened,
  RoomReset,
  Stored,
} from './messages.js';
import { operations, type Operations } from './operations.js';
import { PresenceChanged, PresenceSet, RoomTyping, TypingSet } from './presence.js';
import { PROTOCOL_VERSION } from './protocol.js';
import { RoomMentioned, RoomMine, RoomReads, UnreadNumbers, UnreadNumbersRead } from './reading.js';
import { MyRooms, WatchRooms } from './rooms.js';

/** Sent with the Socket.IO handshake, in `auth`. */
export const Handshake = z
  .strictObject({
    token: z.string().max(4_096).meta({ description: 'The access token. Never in a URL.' }),
    protocol: z
      .int()
      .meta({ const: PROTOCOL_VERSION, description: 'Version of the wire that the client was written for.' }),
  })
  .meta({ id: 'Handshake' });
export type Handshake = z.infer<typeof Handshake>;

const Nothing = z.strictObject({}).meta({ id: 'Nothing' });

export interface Command {
  summary: string;
  payload: z.ZodType;
  reply: z.ZodType;
  refusals: readonly RefusalCode[];
}

const own = {
  'message:send': {
    summary:
      'Say something. Acknowledged once it is on disk; send again with the same id until it is stored or refused for good.',
    payload: MessageSend,
    reply: Stored,
    refusals: [...SEND_REFUSALS, 'unavailable'],
  },
  'room:open': {
    summary: 'View a room: what was missed comes with the answer, what happens from then on as room:entries.',
    payload: RoomOpen,
    reply: RoomOpened,
    refusals: ['not-member', 'overloaded', 'unavailable'],
  },
  'room:close': { summary: 'Stop viewing a room.', payload: RoomClose, reply: Nothing, refusals: [] },
  'rooms:watch': {
    summary:
      'Read my rooms and from then on be told of activity in them. In the order of their ids, so that none is missed between pages: ask again with `next` until it is null.',
    payload: WatchRooms,
    reply: MyRooms,
    refusals: ['unavailable'],
  },
  'history:read': {
    summary: 'Read a page of history.',
    payload: HistoryRead,
    reply: HistoryPage,
    refusals: ['not-member', 'unavailable'],
  },
  'unread:read': {
    summary: 'How many members have not read each message of a range.',
    payload: UnreadNumbersRead,
    reply: UnreadNumbers,
    refusals: ['not-member', 'rate-limited', 'unavailable'],
  },
  'typing:set': {
    summary: 'Say that I am typing, or not any more. Never stored.',
    payload: TypingSet,
    reply: Nothing,
    refusals: ['not-member', 'muted', 'archived', 'unavailable'],
  },
  'presence:set': {
    summary: 'Say that this device is idle, or not any more. A new connection is not.',
    payload: PresenceSet,
    reply: Nothing,
    refusals: [],
  },
} as const satisfies Record<string, Command>;

type OperationCommands = {
  readonly [N in keyof Operations]: {
    summary: string;
    payload: Operations[N]['input'];
    reply: Operations[N]['reply'] extends z.ZodType ? Operations[N]['reply'] : typeof Nothing;
    refusals: readonly RefusalCode[];
  };
};

const operationCommands = Object.fromEntries(
  Object.entries(operations).map(([name, { summary, input, reply, refusals }]) => [
    name,
    { summary, payload: input, reply: reply ?? Nothing, refusals: [...refusals, 'unavailable'] },
  ]),
) as unknown as OperationCommands;

/**
 * From client to server: the operations, and what only a socket can ask for. Each is answered in its acknowledgement:
 * `{ok: true, data}` or `{ok: false, error}`.
 */
export const commands = { ...own, ...operationCommands } satisfies Record<string, Command>;

/** From server to client. */
export const facts = {
  'room:entries': { summary: 'New entries of a room this socket views, in order.', payload: RoomEntries },
  'room:evicted': {
    summary: 'The membership ended, or the room did: it is no longer viewed or watched.',
    payload: RoomEvicted,
  },
  'room:reset': {
    summary: 'The history of a room was replaced; this socket does not view it any more. Forget it and open it anew.',
    payload: RoomReset,
  },
  'room:activity': {
    summary: 'Something new in a watched room that this socket does not have open.',
    payload: RoomActivity,
  },
  'room:joined': {
    summary: 'A room was added to my rooms. Told to sockets that called rooms:watch.',
    payload: RoomJoined,
  },
  'room:mine': {
    summary: 'My cursor or my preferences in a room changed. Told to sockets that called rooms:watch.',
    payload: RoomMine,
  },
  'room:mentioned': {
    summary: 'A message of a watched room mentions me.',
    payload: RoomMentioned,
  },
  'room:reads': { summary: 'Members of a viewed room have read on.', payload: RoomReads },
  'room:typing': { summary: 'Who is typing in a room that this socket views.', payload: RoomTyping },
  'presence:changed': {
    summary: 'Who of the members of a viewed room is there. After room:open, what is known of each.',
    payload: PresenceChanged,
  },
  'server:draining': {
    summary: 'This node is about to end: connect again after reconnectAfterMs, to another one.',
    payload: z
      .strictObject({ reconnectAfterMs: z.int().min(0).meta({ description: 'Spread, so that not all come at once.' }) })
      .meta({ id: 'ServerDraining' }),
  },
  error: {
    summary: 'A refusal that had no acknowledgement to travel in. With `slow-consumer` the connection ends.',
    payload: z.strictObject({ event: z.string(), error: Refusal }).meta({ id: 'EventRefused' }),
  },
} as const satisfies Record<string, { summary: string; payload: z.ZodType }>;

/** Refusals that every command may answer. */
export const COMMON_COMMAND_REFUSALS = ['invalid', 'unknown-event', 'internal'] as const satisfies RefusalCode[];
/** Refusals of the handshake, in `connect_error.data`. */
export const HANDSHAKE_REFUSALS = [
  'invalid',
  'unauthenticated',
  'unsupported-protocol',
  'rate-limited',
  'overloaded',
  'unavailable',
] as const satisfies RefusalCode[];

export type Commands = typeof commands;
export type CommandName = keyof Commands;
export type CommandPayload<C extends CommandName> = z.input<Commands[C]['payload']>;
export type CommandReply<C extends CommandName> = z.output<Commands[C]['reply']>;
export type Facts = typeof facts;
export type FactName = keyof Facts;
export type FactPayload<F extends FactName> = z.output<Facts[F]['payload']>;
export type Ack<T> = { ok: true; data: T } | { ok: false; error: Refusal };
