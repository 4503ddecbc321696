import type { IncomingMessage } from 'node:http';
import { type Ack, ChatError, type CommandName, commands, FRAME_MAX_BYTES } from '@maru/contract';
import { metrics, type Logger } from '@maru/observability';
import type { INestApplicationContext } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { Server } from 'socket.io';
import { Answer } from './answer.js';
import { BroadcastFrame, webSocketFrame } from './broadcast-frame.js';
import type { ChatServer, ChatSocket } from './chat-socket.js';
import type { ControlPlane } from './control-plane.js';
import { commandHandlers } from './command.decorator.js';
import { parse } from './parse.js';
import { refusalOf } from './refusal.js';

/** Sockets of one slice leave a draining node together, milliseconds. */
const DRAIN_SLICE_MS = 100;
const DRAIN_SLICE_SOCKETS = 60;
/** With more sockets than that the slices are larger: a node must have ended within 30 s. */
const DRAIN_SLICES_MAX = 100;

export interface Admission {
  /** Called for every HTTP request of the Socket.IO path; refuses by throwing ChatError. */
  admitRequest(request: IncomingMessage): void;
  /** Called for every connection that was opened; it is gone when the listener is called. */
  countConnection(request: IncomingMessage, onClose: (listener: () => void) => void): void;
  /** Called for every handshake; sets `socket.data` or refuses by throwing ChatError. */
  authenticate(socket: ChatSocket): Promise<void>;
}

export interface AdapterOptions {
  admission: Admission;
  /** Origins of other hosts' pages that may read the answers to polling. */
  publicOrigins: readonly string[];
  nodeName: string;
  unackedPerSocket: number;
  controlPlane: ControlPlane;
  logger: Logger;
}

interface Connection {
  request: IncomingMessage;
  once(event: 'close', listener: () => void): void;
}

type Reply = (answer: Ack<unknown>) => void;
/** Commands of one socket that wait for their answer. */
interface Unanswered {
  count: number;
}

/**
 * Socket.IO for Nest with one listener per socket instead of an rxjs pipeline per socket and handler. Each command is
 * answered exactly once: by its acknowledgement, or by an `error` event where it came without one.
 */
export class ChatIoAdapter extends IoAdapter {
  private readonly bound = new WeakSet<ChatSocket>();
  private handlers: ReturnType<typeof commandHandlers> | undefined;
  private server: ChatServer | undefined;

  constructor(
    private readonly app: INestApplicationContext,
    private readonly options: AdapterOptions,
  ) {
    super(app);
  }

  override createIOServer(): ChatServer {
    if (this.server !== undefined) return this.server;
    const { admission, publicOrigins, logger, nodeName } = this.options;
    const server: ChatServer = new Server(this.httpServer, {
      serveClient: false,
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: FRAME_MAX_BYTES,
      connectTimeout: 5_000,
      cors: { origin: [...publicOrigins], credentials: false },
      allowRequest: (request, answer) => {
        try {
          admission.admitRequest(request);
          answer(null, true);
        } catch (error) {
          const { code } = refusalOf(error, 'handshake', logger);
          metrics.handshakesRefused.inc({ code });
          answer(code, false);
        }
      },
    });
    let count = 0;
    server.engine.generateId = () => `${nodeName}_${(count++).toString(36)}_${crypto.randomUUID()}`;
    server.engine.on('connection', (connection: Connection) =>
      admission.countConnection(connection.request, (listener) => connection.once('close', listener)),
    );
    server.use((socket, next) => {
      admission.authenticate(socket).then(
        () => next(),
        (error: unknown) => {
          const refusal = refusalOf(error, 'handshake', logger);
          metrics.handshakesRefused.inc({ code: refusal.code });
          next(Object.assign(new Error(refusal.code), { data: refusal }));
        },
      );
    });
    this.options.controlPlane.attach(server);
    this.server = server;
    return server;
  }

  /** Tells every socket to come back at a time of its own, and closes in slices those that stay. */
  async drain(): Promise<void> {
    const sockets = [...(this.server?.sockets.sockets.values() ?? [])];
    const slices = Math.min(Math.max(Math.ceil(sockets.length / DRAIN_SLICE_SOCKETS), 5), DRAIN_SLICES_MAX);
    const slice = (i: number): number => Math.floor((i * slices) / sockets.length);
    sockets.forEach((socket, i) => {
      const reconnectAfterMs = Math.round((slice(i) + Math.random()) * DRAIN_SLICE_MS);
      socket.data.viewer.send(new BroadcastFrame('server:draining', { reconnectAfterMs }));
    });
    for (let now = 0; now <= slices && sockets.some(({ connected }) => connected); now++) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_SLICE_MS));
      // one slice behind those that leave by themselves
      sockets.forEach((socket, i) => slice(i) === now - 1 && socket.disconnect(true));
    }
  }

  /** Nest calls this for each socket and gateway; handlers are found by their decorator, all at once. */
  override bindMessageHandlers(socket: ChatSocket): void {
    if (this.bound.has(socket)) return;
    this.bound.add(socket);
    const discovery = this.app.get(DiscoveryService);
    this.handlers ??= commandHandlers(
      [...discovery.getProviders(), ...discovery.getControllers()].map(({ instance }): unknown => instance),
    );
    const unanswered: Unanswered = { count: 0 };
    writeAcknowledgementsStraight(socket);
    socket.on('error', (error) => this.options.logger.debug({ reason: error.message }, 'unreadable frame'));
    socket.onAny((event: unknown, ...args: unknown[]) => this.dispatch(socket, unanswered, String(event), args));
  }

  /** Parse errors, refusals and results all leave through `answer`, once. */
  private dispatch(socket: ChatSocket, unanswered: Unanswered, event: string, args: unknown[]): void {
    // one request can carry a command and the end of its socket, of which nothing may stay
    if (!socket.connected) return;
    const arrivedAt = performance.now();
    const last = args.at(-1);
    const reply = typeof last === 'function' ? (args.pop(), last as Reply) : undefined;
    const refuse = (error: unknown): void => {
      const refusal = refusalOf(error, event, this.options.logger);
      metrics.commandsRefused.inc({ event: event in commands ? event : 'unknown', code: refusal.code });
      if (reply !== undefined) reply({ ok: false, error: refusal });
      else socket.data.viewer.send(new BroadcastFrame('error', { event: event.slice(0, 64), error: refusal }));
    };
    const answer = (result: unknown): void => {
      if (result instanceof Answer) {
        socket.data.viewer.together(() => {
          reply?.({ ok: true, data: result.data });
          result.afterwards();
        });
      } else reply?.({ ok: true, data: result });
      metrics.commandSeconds.observe({ event }, (performance.now() - arrivedAt) / 1_000);
    };
    const handler = this.handlers?.get(event);
    if (handler === undefined) return refuse(new ChatError('unknown-event'));
    if (args.length !== 1) return refuse(new ChatError('invalid', { message: 'one argument is expected' }));
    if (unanswered.count >= this.options.unackedPerSocket) {
      return refuse(new ChatError('overloaded', { retryAfterMs: 1_000 }));
    }
    try {
      const result = handler(socket.data.viewer, parse(commands[event as CommandName].payload, args[0]));
      if (!(result instanceof Promise)) return answer(result);
      unanswered.count++;
      result.then(
        (value) => {
          unanswered.count--;
          answer(value);
        },
        (error: unknown) => {
          unanswered.count--;
          refuse(error);
        },
      );
    } catch (error) {
      refuse(error);
    }
  }
}

/** Engine.IO "message" (4) that carries a Socket.IO "ack" (3) of the default namespace. */
const ACK = '43';

/** Acknowledgements take the same short cut as broadcast frames; what cannot goes Socket.IO's own way. */
function writeAcknowledgementsStraight(socket: ChatSocket): void {
  const acknowledging = socket as unknown as { ack(id: number): Reply };
  const itsOwnWay = acknowledging.ack.bind(socket);
  acknowledging.ack = (id) => (answer) => {
    const frame = webSocketFrame(`${ACK}${id}${JSON.stringify([answer])}`);
    if (socket.data.viewer.write(frame)) return;
    itsOwnWay(id)(answer);
    socket.data.viewer.checkBacklog(frame.length);
  };
}
