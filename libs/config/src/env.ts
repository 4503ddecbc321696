import { isIP } from 'node:net';
import { z } from 'zod';

const text = z.string().trim().min(1);
const port = z.coerce.number().int().min(0).max(65_535);
const count = z.coerce.number().int().min(1);
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);
const urls = (...protocols: string[]) =>
  list.refine(
    (items) => items.every((item) => URL.canParse(item) && protocols.includes(new URL(item).protocol)),
    `each must start with ${protocols.join('// or ')}//`,
  );
const url = (...protocols: string[]) =>
  text.refine(
    (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
    `must start with ${protocols.join('// or ')}//`,
  );
const brokers = list.refine(
  (items) => items.every((item) => /^[^\s:/]+:\d{1,5}$/.test(item) && Number(item.split(':')[1]) <= 65_535),
  'each must be host:port',
);
const networks = list.refine(
  (items) => items.every(isNetwork),
  'each must be an address or a network such as 10.0.0.0/8, not a name',
);
const origins = urls('http:', 'https:').refine(
  (items) => items.every((item) => URL.canParse(item) && new URL(item).origin === item),
  'each must be an origin such as https://chat.example.com, without a path',
);

/** Ranges that have a name (https://www.npmjs.com/package/proxy-addr). */
const NAMED_RANGES = new Set(['loopback', 'linklocal', 'uniquelocal']);

function isNetwork(item: string): boolean {
  const [address = '', bits, ...rest] = item.split('/');
  if (NAMED_RANGES.has(item)) return true;
  const longest = isIP(address) === 4 ? 32 : 128;
  return isIP(address) > 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && +bits <= longest));
}

/**
 * Every variable of a node. The description states meaning and unit; it is copied into .env.example together with
 * the default, which is given as a person would type it.
 */
export const Env = z.object({
  HOST: text.prefault('127.0.0.1').describe('Address that the public listener binds to.'),
  PORT: port.prefault('3000').describe('Port of REST, Socket.IO and the web page; 0 takes a free one.'),
  INTERNAL_HOST: text.prefault('127.0.0.1').describe('Address that health and metrics bind to; never a public one.'),
  INTERNAL_PORT: port.prefault('3001').describe('Port of /livez, /readyz and /metrics; 0 takes a free one.'),
  DATABASE_URL: url('mysql:', 'mariadb:').describe('The primary: mysql://user:password@host:port/database.'),
  DATABASE_REPLICA_URLS: urls('mysql:', 'mariadb:').prefault('').describe('Replicas for reads, separated by commas.'),
  DATABASE_POOL_SIZE: count.prefault('10').describe('Connections to each database server, besides the writer’s own.'),
  DATABASE_ALLOW_WEAK_DURABILITY: flag
    .prefault('false')
    .describe('true starts on a server that may lose acknowledged messages when its machine fails. For tests only.'),
  REDIS_URL: urls('redis:', 'rediss:')
    .refine((items) => items.length > 0, 'must start with redis:// or rediss://')
    .transform((items) => items.join())
    .describe('redis://user:password@host:port/number; nodes of a Redis Cluster, separated by commas.'),
  JWT_SECRET: z
    .string()
    .min(32)
    .optional()
    .describe('Signs access tokens; at least 32 characters, the same on every node.'),
  JWT_SECRET_FILE: text.optional().describe('File that holds JWT_SECRET, instead of it.'),
  PUBLIC_ORIGINS: origins.prefault('').describe('Origins of pages that may talk to this node besides its own.'),
  TRUSTED_PROXIES: networks.prefault('').describe('Addresses or networks (CIDR) whose X-Forwarded-For is believed.'),
  NODE_NAME: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,32}$/, 'letters, digits and -, at most 32')
    .prefault('node-1')
    .describe('Name of this node in logs and socket ids; unique among the nodes.'),
  RELAY: z
    .enum(['redis', 'grpc'])
    .prefault('redis')
    .describe('How nodes tell each other what they stored: redis (pub/sub) or grpc (straight to each other).'),
  RELAY_HOST: text.prefault('127.0.0.1').describe('With RELAY=grpc: address that other nodes reach this one at.'),
  RELAY_PORT: port.prefault('3002').describe('With RELAY=grpc: port for other nodes; never a public one.'),
  ROLE: z
    .enum(['all', 'serve', 'consume'])
    .prefault('all')
    .describe('serve: people, and no events; consume: events, and no people; all: both.'),
  EVENTS: z
    .enum(['redis', 'kafka'])
    .prefault('redis')
    .describe('What carries facts from the log to their listeners: redis (a stream) or kafka.'),
  EVENTS_KEPT: count.prefault('100000').describe('With EVENTS=redis: about how many facts the stream keeps.'),
  EVENTS_KEPT_HOURS: count.prefault('24').describe('How long facts are kept, hours.'),
  KAFKA_BROKERS: brokers
    .prefault('')
    .describe('With EVENTS=kafka: brokers to begin with, host:port, separated by commas.'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .prefault('info')
    .describe('Least important log line that is written.'),
  WEB_ROOT: text.optional().describe('Folder of the built web page; left out: the one in this checkout, if built.'),
  LIMIT_SEND_PER_SECOND: count.prefault('5').describe('Messages per second and sender, sustained.'),
  LIMIT_SEND_BURST: count.prefault('20').describe('Messages that a sender may send at once.'),
  LIMIT_UNACKED_PER_SOCKET: count.prefault('100').describe('Commands of one socket that may wait for their answer.'),
  LIMIT_CONNECTIONS_PER_IP: count.prefault('100').describe('Connections per client address and node.'),
  LIMIT_CONNECTIONS_PER_USER: count.prefault('10').describe('Sockets per person and node.'),
  LIMIT_HANDSHAKES_PER_SECOND: count.prefault('200').describe('Socket handshakes per second and node.'),
  LIMIT_REGISTER_PER_IP: count.prefault('20').describe('New accounts per client address and hour.'),
  LIMIT_LOGIN_PER_IP: count.prefault('100').describe('Log-in attempts per client address and 15 minutes.'),
  LIMIT_LOGIN_PER_ACCOUNT: count.prefault('10').describe('Failed log-ins per account and 15 minutes.'),
  LIMIT_ROOM_CHANGES_PER_MINUTE: count
    .prefault('60')
    .describe('Changes of rooms and memberships, joining and leaving included, per person and minute.'),
  LIMIT_ROOM_PASSWORD_TRIES: count.prefault('5').describe('Wrong room passwords per person, room and 15 minutes.'),
  LIMIT_CHANGES_PER_SECOND: count.prefault('5').describe('Edits, deletions, reactions and pins per second and person.'),
  LIMIT_CHANGES_BURST: count.prefault('30').describe('Edits, deletions, reactions and pins at once.'),
  LIMIT_READS_PER_SECOND: count
    .prefault('10')
    .describe('Read cursors and preferences set per second and person, sustained.'),
  LIMIT_READS_BURST: count.prefault('60').describe('Read cursors and preferences that a person may set at once.'),
  LIMIT_LOOKUPS_PER_MINUTE: count
    .prefault('120')
    .describe('Searches for people and looks at invitations, per person and minute.'),
  EDIT_MINUTES: z.coerce
    .number()
    .int()
    .min(0)
    .prefault('1440')
    .describe('How long after sending a message may be edited, minutes; 0: for ever.'),
  ROOM_LOCK: z
    .enum(['on', 'off'])
    .prefault('on')
    .describe('off: changes of one room do not wait for each other. The database decides either way.'),
  LIMIT_OUTBOUND_BYTES_PER_SOCKET: count
    .prefault('1048576')
    .describe('Bytes that may wait for a socket that does not read, before it is cut.'),
  LIMIT_OUTBOUND_PACKETS_PER_SOCKET: count
    .prefault('2000')
    .describe('Packets that may wait for a socket that does not read, before it is cut.'),
  LIMIT_OUTBOUND_SECONDS_PER_SOCKET: count
    .prefault('15')
    .describe('Seconds that a socket may leave what waits for it unread, before it is cut.'),
  LIMIT_ROOM_OPENS_PER_SECOND: count
    .prefault('1000')
    .describe('Rooms opened per second and node, all sockets together.'),
});
export type Env = z.output<typeof Env>;
