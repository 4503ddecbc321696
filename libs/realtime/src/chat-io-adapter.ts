import type { IncomingMessage } from 'node:http';
import { type Ack, ChatError, type CommandName, commands, FRAME_MAX_BYTES } from '@maru/contract';
import { metrics, type Logger } from '@maru/observability';
import type { INestApplicationContext } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { Server } from 'socket.io';
import { Answer } from './answer.js';
import { webSocketFrame } from './broadcast-frame.js';
import type { ChatServer, ChatSocket } from './chat-socket.js';
import { commandHandlers } from './command.decorator.js';
import { parse } from './parse.js';
import { refusalOf } from './refusal.js';

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
    this.server = server;
    return server;
  }

  /** Nest calls this for each socket and gateway; handlers are found by their decorator, all at once. */
  override bindMessageHandlers(socket: ChatSocket): void {
    if (this.bound.has(socket)) return;
    this.bound.add(socket);
    this.handlers ??= commandHandlers(
      this.app
        .get(DiscoveryService)
        .getProviders()
        .map(({ instance }): unknown => instance),
    );
    const unanswered: Unanswered = { count: 0 };
    writeAcknowledgementsStraight(socket);
    socket.on('error', (error) => this.options.logger.debug({ reason: error.message }, 'unreadable frame'));
    socket.onAny((event: unknown, ...args: unknown[]) => this.dispatch(socket, unanswered, String(event), args));
  }

  /** Parse errors, refusals and results all leave through `answer`, once. */
  private dispatch(socket: ChatSocket, unanswered: Unanswered, event: string, args: unknown[]): void {
    const last = args.at(-1);
    const reply = typeof last === 'function' ? (args.pop(), last as Reply) : undefined;
    const refuse = (error: unknown): void => {
      const refusal = refusalOf(error, event, this.options.logger);
      metrics.commandsRefused.inc({ event: event in commands ? event : 'unknown', code: refusal.code });
      if (reply !== undefined) reply({ ok: false, error: refusal });
      else socket.emit('error', { event: event.slice(0, 64), error: refusal });
    };
    const answer = (result: unknown): void => {
      reply?.({ ok: true, data: result instanceof Answer ? result.data : result });
      if (result instanceof Answer) result.afterwards();
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
    if (!socket.data.viewer.write(frame)) itsOwnWay(id)(answer);
  };
}
