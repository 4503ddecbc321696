import {
  type Ack,
  ChatError,
  type CommandName,
  type CommandPayload,
  type CommandReply,
  type FactName,
  type FactPayload,
  PROTOCOL_VERSION,
  type Refusal,
} from '@maru/contract';
import { io, type Socket } from 'socket.io-client';
import type { SessionKeeper } from './session-keeper.js';
import { type Schedule, Store } from './store.js';

export interface ConnectionState {
  status: 'offline' | 'connecting' | 'online';
  /** Why the server does not let this client in, if waiting does not help. */
  refusal: Refusal | null;
}

/** Longer than the server's own deadline: an answer that has not come by then will not. */
const ANSWER_MS = 10_000;
/** Full jitter: a wait is drawn from 0 to this, doubled with each failure up to the most. */
const FIRST_RETRY_MS = 2_000;
const MAX_RETRY_MS = 30_000;

/** What a room needs of a connection. */
export type Line = Pick<Connection, 'online' | 'request'>;

/** One socket that comes back by itself for as long as the session lasts. */
export class Connection {
  readonly store: Store<ConnectionState>;
  private readonly socket: Socket;
  private retries = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private moveTimer: ReturnType<typeof setTimeout> | undefined;
  private wanted = false;
  private token = '';

  constructor(
    baseUrl: string,
    private readonly session: SessionKeeper,
    schedule: Schedule,
    transports?: ('polling' | 'websocket')[],
  ) {
    this.store = new Store<ConnectionState>({ status: 'offline', refusal: null }, schedule);
    this.socket = io(baseUrl, {
      autoConnect: false,
      reconnection: false,
      transports: transports ?? ['websocket', 'polling'],
      tryAllTransports: true,
      auth: (answer) => answer({ token: this.token, protocol: PROTOCOL_VERSION }),
    });
    this.socket.on('connect', () => {
      this.retries = 0;
      this.store.update({ status: 'online', refusal: null });
    });
    this.socket.on('disconnect', () => {
      if (!this.wanted) return;
      this.store.update({ status: 'connecting' });
      this.retry();
    });
    this.on('server:draining', ({ reconnectAfterMs }) => this.moveIn(reconnectAfterMs));
    this.socket.on('connect_error', (error: Error & { data?: Refusal }) => this.refused(error.data));
  }

  get online(): boolean {
    return this.socket.connected;
  }

  connect(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.store.update({ status: 'connecting' });
    void this.open();
  }

  /** The network is back, or somebody looks again: do not wait for the next turn. */
  hurry(): void {
    if (!this.wanted || this.online || this.retryTimer === undefined) return;
    clearTimeout(this.retryTimer);
    this.retryTimer = undefined;
    void this.open();
  }

  close(): void {
    this.wanted = false;
    clearTimeout(this.moveTimer);
    clearTimeout(this.retryTimer);
    this.retryTimer = undefined;
    this.socket.disconnect();
    this.store.update({ status: 'offline' });
  }

  onConnect(listener: () => void): void {
    this.socket.on('connect', listener);
  }

  onDisconnect(listener: () => void): void {
    this.socket.on('disconnect', listener);
  }

  on<F extends FactName>(fact: F, listener: (payload: FactPayload<F>) => void): void {
    this.socket.on<string>(fact, listener);
  }

  /** Rejects with the server's ChatError, or `unknown` where there was no answer: what was sent may have been done. */
  async request<C extends CommandName>(command: C, payload: CommandPayload<C>): Promise<CommandReply<C>> {
    if (!this.online) throw new ChatError('unavailable', { message: 'not connected' });
    const answer = await new Promise<Ack<CommandReply<C>>>((resolve, reject) => {
      const lost = (): void => settle(() => reject(new ChatError('unknown', { message: 'no answer' })));
      const timer = setTimeout(lost, ANSWER_MS);
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        this.socket.off('disconnect', lost);
        then();
      };
      this.socket.once('disconnect', lost);
      this.socket.emit(command, payload, (reply: Ack<CommandReply<C>>) => settle(() => resolve(reply)));
    });
    if (answer.ok) return answer.data;
    throw new ChatError(answer.error.code, answer.error);
  }

  private async open(): Promise<void> {
    try {
      this.token = await this.session.accessToken();
      if (this.wanted) this.socket.connect();
    } catch (error) {
      if (error instanceof ChatError && error.code === 'unauthenticated') this.close();
      else this.retry();
    }
  }

  private refused(refusal: Refusal | undefined): void {
    if (refusal?.code === 'unsupported-protocol' || refusal?.code === 'invalid') {
      this.store.update({ status: 'offline', refusal });
      return;
    }
    if (refusal?.code === 'unauthenticated') this.session.reject(this.token);
    this.retry(refusal?.retryAfterMs);
  }

  /** The node is about to end. Its hint is spread already: leave then, and connect to another one at once. */
  private moveIn(ms: number): void {
    clearTimeout(this.moveTimer);
    this.moveTimer = setTimeout(() => {
      if (!this.wanted || !this.online) return;
      this.socket.disconnect();
      this.hurry();
    }, ms);
  }

  private retry(atLeastMs = 0): void {
    if (!this.wanted || this.retryTimer !== undefined) return;
    const ceiling = Math.min(FIRST_RETRY_MS * 2 ** this.retries++, MAX_RETRY_MS);
    this.retryTimer = setTimeout(
      () => {
        this.retryTimer = undefined;
        void this.open();
      },
      atLeastMs + Math.random() * ceiling,
    );
  }
}
