import { components, schemaOf, type JsonSchema } from './json-schema.js';
import { PROTOCOL_VERSION } from './protocol.js';
import {
  commands,
  COMMON_COMMAND_REFUSALS,
  facts,
  Handshake,
  HANDSHAKE_REFUSALS,
  type Command,
} from './socket-events.js';

const ref = (path: string): JsonSchema => ({ $ref: `#/${path}` });
const idOf = (event: string): string => event.replaceAll(':', '-');

/** The AsyncAPI 3 document of the Socket.IO events, both ways, with every refusal that each command may answer. */
export function asyncApi(): JsonSchema {
  const messages: Record<string, JsonSchema> = {};
  const operations: Record<string, JsonSchema> = {};

  for (const [event, command] of Object.entries(commands) as [string, Command][]) {
    const id = idOf(event);
    messages[id] = { name: event, summary: command.summary, payload: schemaOf(command.payload) };
    messages[`${id}-ack`] = {
      name: `${event} (acknowledgement)`,
      payload: acknowledgement(schemaOf(command.reply), [...COMMON_COMMAND_REFUSALS, ...command.refusals]),
    };
    operations[id] = {
      action: 'receive',
      channel: ref('channels/socket'),
      summary: command.summary,
      messages: [ref(`channels/socket/messages/${id}`)],
      reply: { channel: ref('channels/socket'), messages: [ref(`channels/socket/messages/${id}-ack`)] },
    };
  }
  for (const [event, fact] of Object.entries(facts)) {
    const id = idOf(event);
    messages[id] = { name: event, summary: fact.summary, payload: schemaOf(fact.payload) };
    operations[id] = {
      action: 'send',
      channel: ref('channels/socket'),
      summary: fact.summary,
      messages: [ref(`channels/socket/messages/${id}`)],
    };
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Maru socket events',
      version: `${PROTOCOL_VERSION}.0.0`,
      license: { name: 'Apache-2.0' },
      description: [
        'Socket.IO protocol 5 (Engine.IO 4) at path `/socket.io/`, default namespace and parser, WebSocket or polling.',
        `The handshake carries \`auth: {token, protocol: ${PROTOCOL_VERSION}}\`; a refused one answers \`connect_error\` with`,
        `\`data: {code, message, retryAfterMs?}\` (${HANDSHAKE_REFUSALS.join(', ')}).`,
        'Each command has one argument, its payload, and an acknowledgement. The event name is the `name` of its message.',
        'A command without an acknowledgement that is refused is answered by the event `error`. An event that is none of',
        'these is refused with `unknown-event`.',
        'A page of an origin that may not talk to this server is refused before the handshake: 403 for polling, 400 for the',
        'WebSocket upgrade. Frames are limited to 131072 bytes: a larger one closes a WebSocket with 1009 and answers',
        'polling with 413; a command that gets no acknowledgement within ten seconds may be sent again with the same id.',
        'A connection that sends no CONNECT packet within five seconds is closed. An expired access token does not end a',
        'socket; the end of its session does.',
      ].join('\n'),
    },
    servers: { node: { host: '{host}', protocol: 'socket.io', variables: { host: { default: 'localhost:3000' } } } },
    channels: { socket: { address: '/socket.io/', servers: [ref('servers/node')], messages } },
    operations,
    components: { schemas: { ...components(), HandshakeAuth: schemaOf(Handshake) } },
  };
}

function acknowledgement(data: JsonSchema, codes: readonly string[]): JsonSchema {
  return {
    oneOf: [
      {
        type: 'object',
        required: ['ok', 'data'],
        additionalProperties: false,
        properties: { ok: { const: true }, data },
      },
      {
        type: 'object',
        required: ['ok', 'error'],
        additionalProperties: false,
        properties: {
          ok: { const: false },
          error: {
            allOf: [ref('components/schemas/Refusal'), { properties: { code: { enum: [...new Set(codes)] } } }],
          },
        },
      },
    ],
  };
}
