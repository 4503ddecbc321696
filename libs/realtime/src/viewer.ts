import type { SessionId, UserId } from '@maru/contract';
import { metrics } from '@maru/observability';
import type { Socket } from 'socket.io';
import type { BroadcastFrame } from './broadcast-frame.js';

export interface Identity {
  userId: UserId;
  sessionId: SessionId;
}

/** The parts of an engine.io connection over ws that tell whether a frame can be written past both of them. */
interface Connection {
  readyState: string;
  upgrading: boolean;
  writeBuffer: { data?: string | Buffer }[];
  transport: {
    name: string;
    writable: boolean;
    perMessageDeflate?: unknown;
    socket?: {
      readyState: number;
      _socket?: import('node:net').Socket;
      _sender?: { _queue: unknown[]; _state: number };
    };
  };
  close(discard?: boolean): void;
}

const OPEN = 1;

/** One authenticated socket, as those see it who deliver to it. */
export class Viewer {
  constructor(
    private readonly socket: Socket,
    readonly identity: Identity,
    private readonly capBytes: number,
  ) {}

  get id(): string {
    return this.socket.id;
  }

  /** Who does not read is cut at the cap. */
  send(frame: BroadcastFrame): void {
    if (this.write(frame.bytes)) return;
    metrics.framesSlowPath.inc();
    this.socket.emit(frame.event, frame.payload);
    if (backlogBytes(this.socket.conn as unknown as Connection) > this.capBytes) this.cut();
  }

  /**
   * Writes a frame straight to an idle, uncompressed WebSocket, in order with everything emitted before. Returns
   * false where it must go the long way: polling, an upgrade under way, a backlog.
   */
  write(bytes: Buffer): boolean {
    const tcp = idleWebSocket(this.socket.conn as unknown as Connection);
    if (tcp === undefined) return false;
    tcp.write(bytes);
    if (tcp.writableLength > this.capBytes) this.cut();
    return true;
  }

  close(): void {
    this.socket.disconnect(true);
  }

  /** A goodbye would only join the queue: the client resumes when it is back. */
  private cut(): void {
    metrics.slowConsumersCut.inc();
    const { transport } = this.socket.conn as unknown as Connection;
    const tcp = transport.socket?._socket;
    if (tcp === undefined) this.socket.disconnect(true);
    else tcp.destroy();
  }
}

function idleWebSocket(connection: Connection): import('node:net').Socket | undefined {
  const { transport } = connection;
  if (connection.readyState !== 'open' || connection.upgrading || connection.writeBuffer.length > 0) return undefined;
  if (transport.name !== 'websocket' || !transport.writable || transport.perMessageDeflate) return undefined;
  const ws = transport.socket;
  if (ws === undefined || ws.readyState !== OPEN || ws._sender === undefined) return undefined;
  if (ws._sender._queue.length > 0 || ws._sender._state !== 0) return undefined;
  return ws._socket;
}

function backlogBytes(connection: Connection): number {
  let bytes = connection.transport.socket?._socket?.writableLength ?? 0;
  for (const packet of connection.writeBuffer) bytes += packet.data?.length ?? 0;
  return bytes;
}
