import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { ChatError, Handshake, PROTOCOL_VERSION } from '@maru/contract';
import type { Config } from '@maru/config';
import { metrics } from '@maru/observability';
import { type Admission, type ChatSocket, type OutboundLimits, parse, Viewer } from '@maru/realtime';
import { TokenBuckets } from '@maru/redis';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '../config.token.js';
import { isAllowedOrigin } from './allowed-origins.js';
import { SessionSockets } from './session-sockets.js';
import { SessionsService } from './sessions.service.js';

const proxyAddress = createRequire(import.meta.url)('@fastify/proxy-addr') as {
  (request: IncomingMessage, trust: (address: string, hop: number) => boolean): string;
  compile(trusted: string[]): (address: string, hop: number) => boolean;
};

/** Who is told to come later does so spread over this time, milliseconds. */
const HANDSHAKE_SPREAD_MS = 1_000;

/** Decides before a socket exists: the page's origin, how many come from one address, and whose token it is. */
@Injectable()
export class SocketAdmission implements Admission {
  private readonly handshakes = new TokenBuckets();
  private readonly connections = new Map<string, number>();
  private readonly outbound: OutboundLimits;
  private readonly trusts: (address: string, hop: number) => boolean;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly sessions: SessionsService,
    private readonly sockets: SessionSockets,
  ) {
    this.trusts = proxyAddress.compile(config.TRUSTED_PROXIES);
    this.outbound = {
      bytes: config.LIMIT_OUTBOUND_BYTES_PER_SOCKET,
      packets: config.LIMIT_OUTBOUND_PACKETS_PER_SOCKET,
      seconds: config.LIMIT_OUTBOUND_SECONDS_PER_SOCKET,
    };
  }

  admitRequest(request: IncomingMessage): void {
    const { LIMIT_CONNECTIONS_PER_IP, PUBLIC_ORIGINS } = this.config;
    if (!isAllowedOrigin(request.headers.origin, request.headers.host, PUBLIC_ORIGINS))
      throw new ChatError('origin-refused');
    const opens = !(request as { _query?: { sid?: string } })._query?.sid;
    if (!opens) return;
    const ip = proxyAddress(request, this.trusts);
    if ((this.connections.get(ip) ?? 0) >= LIMIT_CONNECTIONS_PER_IP) throw new ChatError('rate-limited');
    Object.assign(request, { clientIp: ip });
  }

  /** Called by the engine for each connection that was opened, so that its address counts until it is gone. */
  countConnection(request: IncomingMessage, onClose: (listener: () => void) => void): void {
    const ip = (request as { clientIp?: string }).clientIp ?? '';
    this.connections.set(ip, (this.connections.get(ip) ?? 0) + 1);
    onClose(() => {
      const left = (this.connections.get(ip) ?? 1) - 1;
      if (left === 0) this.connections.delete(ip);
      else this.connections.set(ip, left);
    });
  }

  async authenticate(socket: ChatSocket): Promise<void> {
    const { LIMIT_HANDSHAKES_PER_SECOND: perSecond } = this.config;
    const waitMs = this.handshakes.take('node', { perSecond, burst: perSecond });
    // told here and not by the HTTP request, whose answer no browser shows to a page that asks for a WebSocket
    if (waitMs > 0) throw new ChatError('overloaded', { retryAfterMs: waitMs + Math.random() * HANDSHAKE_SPREAD_MS });
    const { token, protocol } = parse(Handshake, socket.handshake.auth);
    if (protocol !== PROTOCOL_VERSION) throw new ChatError('unsupported-protocol');
    const identity = await this.sessions.authenticate(token);
    if (socket.conn.readyState !== 'open') throw new ChatError('unauthenticated');
    if (this.sockets.count(identity.userId) >= this.config.LIMIT_CONNECTIONS_PER_USER) {
      throw new ChatError('rate-limited', { message: 'Too many connections of this person.', retryAfterMs: 5_000 });
    }
    const viewer = new Viewer(socket, identity, this.outbound);
    socket.data.viewer = viewer;
    this.sockets.add(viewer);
    metrics.connections.inc();
    socket.conn.once('close', () => {
      this.sockets.remove(viewer);
      metrics.connections.dec();
    });
  }
}
