import { ChatError, type SessionId, type UserId } from '@maru/contract';
import { metrics, type Logger } from '@maru/observability';
import { ControlPlane, type Identity } from '@maru/realtime';
import { keys } from '@maru/redis';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { uuidv7 } from 'uuidv7';
import { LOGGER } from '../config.token.js';
import { REDIS, type RedisClient } from '../redis.token.js';
import { AccessTokens } from './access-tokens.js';
import { RefreshTokens, type RefreshToken } from './refresh-tokens.js';
import { SessionSockets } from './session-sockets.js';
import { SessionsRepository } from './sessions.repository.js';

const SESSION_MS = 30 * 24 * 3_600_000;
/** How long the token before the current one still answers, for a client that lost the answer, milliseconds. */
const GRACE_MS = 10_000;
/** How long Redis remembers the state of a session, seconds: longer than an access token lives. */
const CACHED_S = 15 * 60;
/** How often sockets of sessions that ended elsewhere are looked for in the database. */
const SWEEP_MS = 5_000;
/** Much longer, because clocks differ and a database may have been away. */
const SWEEP_WINDOW_MS = 120_000;

export interface Grant {
  identity: Identity;
  accessToken: string;
  expiresAt: number;
  refreshToken: string;
}

/** One session per signed-in device. The database knows them; Redis saves it most of the questions. */
@Injectable()
export class SessionsService implements OnApplicationBootstrap, OnApplicationShutdown {
  private sweeper: NodeJS.Timeout | undefined;

  constructor(
    private readonly sessions: SessionsRepository,
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
    @Inject(REDIS) private readonly redis: RedisClient,
    private readonly sockets: SessionSockets,
    private readonly controlPlane: ControlPlane,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.sweeper = setInterval(() => void this.sweep(), SWEEP_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.sweeper);
  }

  async start(userId: UserId, device: string): Promise<Grant> {
    const sessionId = uuidv7() as SessionId;
    const refresh = this.refreshTokens.first(sessionId);
    await this.sessions.add(sessionId, userId, refresh.hash, new Date(Date.now() + SESSION_MS), device);
    metrics.sessionsStarted.inc();
    return this.grant({ userId, sessionId }, refresh);
  }

  /** Rotates the refresh token. Throws `unauthenticated`; a token that was used before ends its session. */
  async refresh(text: string): Promise<Grant> {
    const given = this.refreshTokens.parse(text);
    const session = await this.sessions.find(given.sessionId);
    if (session === undefined || !session.active) throw new ChatError('unauthenticated');
    const identity = { userId: session.userId, sessionId: given.sessionId };
    const successor = this.refreshTokens.successor(given);

    if (session.tokenHash.equals(given.hash)) {
      const expiresAt = new Date(Date.now() + SESSION_MS);
      const won = await this.sessions.rotate(given.sessionId, given.hash, successor.hash, expiresAt);
      if (won) return this.grant(identity, successor);
      return this.refresh(text);
    }
    const lostAnswer = session.previousHash?.equals(given.hash) && Date.now() - session.rotatedAt <= GRACE_MS;
    if (lostAnswer && session.tokenHash.equals(successor.hash)) return this.grant(identity, successor);
    await this.end(identity);
    throw new ChatError('unauthenticated');
  }

  /** Ends the session everywhere: its refresh token, its access tokens, its sockets. */
  async end(identity: Identity): Promise<void> {
    await this.sessions.revoke(identity.sessionId);
    await this.redis.set(keys.session(identity.userId, identity.sessionId), 'ended', 'EX', CACHED_S).catch(() => {});
    this.sockets.close(identity.sessionId);
    this.controlPlane.endSession(identity.sessionId);
  }

  /** Ends every session of a person, on every device. */
  async endAll(userId: UserId): Promise<void> {
    const ended = await this.sessions.revokeAll(userId);
    for (const sessionId of ended) {
      await this.redis.set(keys.session(userId, sessionId), 'ended', 'EX', CACHED_S).catch(() => {});
      this.sockets.close(sessionId);
    }
    this.controlPlane.endUser(userId);
  }

  /** What the control plane or Redis could not tell us, the database does: sockets are closed, tokens refused. */
  private async sweep(): Promise<void> {
    try {
      const ended = await this.sessions.revokedSince(new Date(Date.now() - SWEEP_WINDOW_MS));
      for (const sessionId of ended) this.sockets.close(sessionId);
    } catch (error) {
      this.logger.debug({ reason: (error as Error).message }, 'ended sessions could not be read; trying again');
    }
  }

  /** Throws `unauthenticated` if the token is no good or its session has ended. */
  async authenticate(accessToken: string): Promise<Identity> {
    const identity = await this.accessTokens.verify(accessToken);
    if (this.sockets.hasEnded(identity.sessionId)) throw new ChatError('unauthenticated');
    const key = keys.session(identity.userId, identity.sessionId);
    const cached = await this.redis.get(key).catch(() => null);
    if (cached === 'active') return identity;
    if (cached === null) {
      const session = await this.sessions.find(identity.sessionId);
      if (session?.active && session.userId === identity.userId) {
        // NX: a session that ended since it was read stays ended
        const set = await this.redis.set(key, 'active', 'EX', CACHED_S, 'NX').catch(() => 'OK');
        if (set === 'OK' || (await this.redis.get(key).catch(() => 'active')) === 'active') return identity;
      }
    }
    throw new ChatError('unauthenticated');
  }

  private async grant(identity: Identity, refresh: RefreshToken): Promise<Grant> {
    return { identity, ...(await this.accessTokens.issue(identity)), refreshToken: refresh.token };
  }
}
