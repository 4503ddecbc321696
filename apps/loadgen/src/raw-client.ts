import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { type Ack, PROTOCOL_VERSION, type RoomOpened } from '@maru/contract';
import { uuidv7 } from 'uuidv7';
import type { LoadPerson } from './people.ts';

const MASK = [0x37, 0xfa, 0x21, 0x3d] as const;
/** All clients read into one buffer: what arrives is looked at before the next read. */
const SHARED = Buffer.allocUnsafe(256 * 1024);

/** A masked WebSocket frame (RFC 6455, section 5.2). */
function masked(text: string, opcode = 0x1): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < 126 ? 6 : 8;
  const bytes = Buffer.allocUnsafe(header + length);
  bytes[0] = 0x80 | opcode;
  bytes[1] = 0x80 | (header === 6 ? length : 126);
  if (header === 8) bytes.writeUInt16BE(length, 2);
  MASK.forEach((byte, i) => (bytes[header - 4 + i] = byte));
  bytes.write(text, header);
  for (let i = 0; i < length; i++) bytes[header + i] = (bytes[header + i] as number) ^ (MASK[i & 3] as number);
  return bytes;
}

export interface RawClientEvents {
  /** The room is open. */
  live: () => void;
  /** The connection ended or was refused. */
  gone: (reason: string, wasLive: boolean) => void;
  /** The answer to a message, as it came (`43<number>[{"ok":…}]`), and when. */
  acked: (message: number, ok: boolean, text: string, at: number) => void;
  /** A frame of entries, or the answer that resumes, as it came, after the seqs were checked; and when. */
  entries?: (text: string, at: number) => void;
}

/** What a person does with the room at first: opens it, has it in the list, or nothing. */
export type FirstView = 'open' | 'watch' | 'none';

/**
 * One person by raw sockets: Engine.IO 4 and Socket.IO over a WebSocket, by hand, so that the generator costs a third of
 * what it measures. Opens its room and checks that seqs come 1 by 1.
 */
export class RawClient {
  /** Newest seq that arrived; a later connection resumes after it. */
  seq: number | null = null;
  received = 0;
  /** The room is looked at, and everything that is said there must come. */
  readonly opens: boolean;
  /** The room is open: only now messages may be sent. */
  live = false;
  holes = 0;
  doubled = 0;
  activities = 0;
  readFrames = 0;
  readRanges = 0;
  private readonly person: LoadPerson;
  private readonly events: RawClientEvents;
  private readonly socket: Socket;
  private rest: Buffer | undefined;
  private upgraded = false;
  private over = false;
  private readonly view: FirstView;

  constructor(
    url: string,
    person: LoadPerson,
    events: RawClientEvents,
    after: number | null = null,
    view: FirstView = 'open',
  ) {
    this.view = view;
    this.opens = view === 'open';
    this.person = person;
    this.events = events;
    this.seq = after;
    const { hostname, port } = new URL(url);
    this.socket = connect({
      host: hostname,
      port: Number(port),
      noDelay: true,
      onread: {
        buffer: SHARED,
        callback: (count, buffer) => {
          this.read(count, buffer as Buffer);
          return true;
        },
      },
    });
    this.socket.on('connect', () =>
      this.socket.write(
        `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\n` +
          `Connection: Upgrade\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      ),
    );
    this.socket.on('error', (error) => this.end(error.message));
    this.socket.on('close', () => this.end('closed'));
  }

  /** Acknowledged under its number, from 1. */
  send(number: number, text: string, id = uuidv7()): void {
    const frame = { roomId: this.person.room, id, text };
    this.socket.write(masked(`42${number}${JSON.stringify(['message:send', frame])}`));
  }

  /** Says that everything that came was read. */
  haveRead(): void {
    const frame = { roomId: this.person.room, seq: this.seq ?? 0 };
    this.socket.write(masked(`42${JSON.stringify(['room:read', frame])}`));
  }

  close(): void {
    this.over = true;
    this.live = false;
    this.socket.destroy();
  }

  private end(reason: string): void {
    if (this.over) return;
    const wasLive = this.live;
    this.close();
    this.events.gone(reason, wasLive);
  }

  private read(count: number, buffer: Buffer): void {
    const now = performance.now();
    const bytes = this.rest === undefined ? buffer : Buffer.concat([this.rest, buffer.subarray(0, count)]);
    const end = this.rest === undefined ? count : bytes.length;
    this.rest = undefined;
    let at = 0;
    if (!this.upgraded) {
      const stop = bytes.subarray(0, end).indexOf('\r\n\r\n');
      if (stop >= 0) {
        const head = bytes.toString('latin1', 0, stop);
        if (!head.startsWith('HTTP/1.1 101')) {
          return this.end(`${head.split('\r\n')[0]} ${bytes.toString('latin1', stop + 4, end)}`.trim());
        }
        this.upgraded = true;
        at = stop + 4;
      }
    }
    while (this.upgraded && end - at >= 2) {
      const short = bytes[at + 1] as number;
      const header = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (end - at < header) break;
      const length =
        short === 126 ? bytes.readUInt16BE(at + 2) : short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short;
      if (end - at < header + length) break;
      if (bytes[at] === 0x81) this.packet(bytes.toString('latin1', at + header, at + header + length), now);
      at += header + length;
    }
    if (at < end) this.rest = Buffer.from(bytes.subarray(at, end));
  }

  private packet(text: string, at: number): void {
    if (text === '2') this.socket.write(masked('3'));
    else if (text.startsWith('0')) {
      this.socket.write(masked(`40${JSON.stringify({ token: this.person.token, protocol: PROTOCOL_VERSION })}`));
    } else if (text.startsWith('40')) {
      if (this.view === 'none') return this.isLive();
      const open = { roomId: this.person.room, after: this.seq, ...(this.seq === null ? {} : { historyEpoch: 1 }) };
      const command = this.view === 'watch' ? ['rooms:watch', {}] : ['room:open', open];
      this.socket.write(masked(`420${JSON.stringify(command)}`));
    } else if (text.startsWith('430[')) this.opened(text, at);
    else if (text.startsWith('43')) {
      const open = text.indexOf('[');
      this.events.acked(Number(text.slice(2, open)), text.startsWith('{"ok":true', open + 1), text, at);
    } else if (text.startsWith('42["room:entries"')) {
      this.entries(text);
      this.events.entries?.(text, at);
    } else if (text.startsWith('42["room:activity"')) this.activities++;
    else if (text.startsWith('42["room:reads"')) {
      this.readFrames++;
      this.readRanges += text.split('"userId"').length - 1;
    } else if (text.startsWith('44')) this.end(text);
  }

  /** Who was there before must be told everything since; whoever is new starts at the head. */
  private opened(text: string, at: number): void {
    const [answer] = JSON.parse(text.slice(3)) as [Ack<RoomOpened | object>];
    if (!answer.ok) return this.end(answer.error.code);
    if ('entries' in answer.data) this.resume(answer.data, text, at);
    this.isLive();
  }

  private resume({ head, truncated, entries }: RoomOpened, text: string, at: number): void {
    if (this.seq !== null) {
      if (!truncated) {
        for (const { seq } of entries) this.count(seq);
        this.events.entries?.(text, at);
      }
      this.holes += Math.max(0, head - this.seq);
    }
    this.seq = head;
  }

  private isLive(): void {
    this.live = true;
    this.events.live();
  }

  private entries(text: string): void {
    for (let at = text.indexOf('"seq":'); at >= 0; at = text.indexOf('"seq":', at + 6)) {
      this.count(Number.parseInt(text.slice(at + 6, at + 20), 10));
    }
  }

  private count(seq: number): void {
    const last = this.seq ?? 0;
    if (seq <= last) return void this.doubled++;
    this.holes += seq - last - 1;
    this.seq = seq;
    this.received++;
  }
}
