import type { Socket } from 'node:net';
import { ChatError, type SessionId, type UserId } from '@maru/contract';
import { metrics } from '@maru/observability';
import type { Socket as IoSocket } from 'socket.io';
import type { BroadcastFrame } from './broadcast-frame.js';
import { DirectWriter } from './direct-writer.js';

export interface Identity {
  userId: UserId;
  sessionId: SessionId;
}

/** The parts of an engine.io connection over ws that tell whether a frame can be written past both of them. */
interface Connection {
  readyState: string;
  upgrading: boolean;
  writeBuffer: { data?: string | Buffer }[];
  transport: { name: string; perMessageDeflate?: unknown; socket?: WebSocket };
  close(discard?: boolean): void;
}

interface WebSocket {
  readyState: number;
  _socket?: Socket;
}

const OPEN = 1;

/** What may wait for a socket that does not read. */
export interface OutboundLimits {
  bytes: number;
  packets: number;
  seconds: number;
}

/** How long a socket that is cut has to read what waits for it and the reason, milliseconds. */
const LAST_CHANCE_MS = 2_000;

/** One authenticated socket, as those see it who deliver to it. */
export class Viewer {
  /** Since when what waits for this socket has waited, and how many bytes it must have taken to be past that. */
  private waiting: { since: number; until: number } | undefined;
  private cutting = false;
  private readonly connection: Connection;
  /** What `straightWay` found, and for which transport: most of a frame's cost in this process is to look it up. */
  private transport: Connection['transport'] | undefined;
  private webSocket: WebSocket | undefined;
  private tcp: DirectWriter | undefined;
  /** Frames that are to leave together. */
  private gathered: Buffer[] | undefined;

  constructor(
    private readonly socket: IoSocket,
    readonly identity: Identity,
    private readonly limits: OutboundLimits,
  ) {
    this.connection = socket.conn as unknown as Connection;
  }

  get id(): string {
    return this.socket.id;
  }

  /** Who does not read is cut at the limits. */
  send(frame: BroadcastFrame): void {
    if (this.cutting || this.write(frame.bytes)) return;
    metrics.framesSlowPath.inc();
    this.socket.emit(frame.event, frame.payload);
    this.checkBacklog(frame.bytes.length);
  }

  /** Call after something went Socket.IO's own way. What was just written does not count: one answer may be large. */
  checkBacklog(justWritten: number): void {
    this.check(this.backlogBytes() - justWritten, this.connection.writeBuffer.length - 1);
  }

  /** For what nobody misses: left out where anything waits already. */
  sendIfIdle(frame: BroadcastFrame): void {
    if (this.backlogBytes() === 0) this.send(frame);
    else metrics.framesDropped.inc();
  }

  /**
   * Writes a frame straight to an uncompressed WebSocket, in order with everything emitted before. Returns false where
   * it must go the long way: polling, an upgrade under way, packets that engine.io holds back.
   */
  write(bytes: Buffer): boolean {
    const tcp = this.straightWay();
    if (tcp === undefined) return false;
    if (this.gathered !== undefined) this.gathered.push(bytes);
    else {
      tcp.write(bytes);
      if (tcp.waiting > 0) this.check(tcp.waiting - bytes.length, 0);
    }
    return true;
  }

  /** What is written meanwhile leaves in one system call. */
  together(write: () => void): void {
    if (this.straightWay() === undefined) return write();
    const gathered: Buffer[] = (this.gathered = []);
    try {
      write();
    } finally {
      this.gathered = undefined;
      if (gathered.length > 0) this.write(Buffer.concat(gathered));
    }
  }

  close(): void {
    this.socket.disconnect(true);
  }

  private check(bytes: number, packets: number): void {
    const { limits } = this;
    const now = performance.now();
    const tcp = this.connection.transport.socket?._socket;
    const written = tcp?.bytesWritten ?? 0;
    const taken = written - (tcp?.writableLength ?? 0);
    if (this.waiting === undefined || bytes <= 0 || taken >= this.waiting.until) {
      this.waiting = { since: now, until: written };
    }
    const seconds = (now - this.waiting.since) / 1_000;
    if (bytes > limits.bytes || packets > limits.packets || seconds > limits.seconds) this.cut();
  }

  /** The reason joins the queue: who is only slow reads it. Who reads nothing is gone a moment later; both resume. */
  private cut(): void {
    if (this.cutting) return;
    this.cutting = true;
    metrics.slowConsumersCut.inc();
    this.socket.emit('error', { event: 'connection', error: new ChatError('slow-consumer').toRefusal() });
    const { connection } = this;
    const tcp = connection.transport.socket?._socket;
    connection.close();
    setTimeout(() => (tcp === undefined ? connection.close(true) : tcp.destroy()), LAST_CHANCE_MS).unref();
  }

  /**
   * The TCP socket, where nothing waits above it. ws writes an uncompressed frame through before `send` returns, so
   * that what engine.io has handed over lies in the TCP socket already.
   */
  private straightWay(): DirectWriter | undefined {
    const { connection } = this;
    if (connection.readyState !== 'open' || connection.upgrading || connection.writeBuffer.length > 0) return undefined;
    if (connection.transport !== this.transport) {
      const { transport } = connection;
      const isStraight = transport.name === 'websocket' && !transport.perMessageDeflate;
      this.transport = transport;
      this.webSocket = isStraight ? transport.socket : undefined;
      const tcp = this.webSocket?._socket;
      this.tcp = tcp && new DirectWriter(tcp);
    }
    return this.webSocket?.readyState === OPEN ? this.tcp : undefined;
  }

  private backlogBytes(): number {
    let bytes = this.connection.transport.socket?._socket?.writableLength ?? 0;
    for (const packet of this.connection.writeBuffer) bytes += packet.data?.length ?? 0;
    return bytes;
  }
}
