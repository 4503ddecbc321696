import { Login, type Person, Refresh, Register, routes, type Session } from '@maru/contract';
import type { Config } from '@maru/config';
import type { Identity } from '@maru/realtime';
import { Body, Controller, Inject, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { CONFIG } from '../config.token.js';
import { PersonLimits } from '../person-limits.js';
import { Caller } from '../http/caller.decorator.js';
import { Serves } from '../http/route.decorator.js';
import { AuthService, type Origin, type SignedIn } from './auth.service.js';
import { clearRefreshCookie, refreshCookie, requireOwnPage, setRefreshCookie } from './refresh-cookie.js';

@Controller()
export class AuthController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly auth: AuthService,
    private readonly limits: PersonLimits,
  ) {}

  @Serves(routes.register)
  async register(
    @Body({ schema: Register }) body: Register,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Session> {
    if (body.refreshTokenIn === 'cookie') requireOwnPage(request, this.config.PUBLIC_ORIGINS);
    return session(await this.auth.register(body, origin(request)), body.refreshTokenIn, request, reply);
  }

  @Serves(routes.login)
  async login(
    @Body({ schema: Login }) body: Login,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Session> {
    if (body.refreshTokenIn === 'cookie') requireOwnPage(request, this.config.PUBLIC_ORIGINS);
    return session(await this.auth.login(body, origin(request)), body.refreshTokenIn, request, reply);
  }

  @Serves(routes.refresh)
  async refresh(
    @Body({ schema: Refresh }) { refreshToken }: Refresh,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Session> {
    const token = refreshToken ?? refreshCookie(request, this.config.PUBLIC_ORIGINS);
    const signedIn = await this.auth.refresh(token);
    return session(signedIn, refreshToken === undefined ? 'cookie' : 'body', request, reply);
  }

  @Serves(routes.logout)
  async logout(@Caller() caller: Identity, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await this.auth.logout(caller);
    clearRefreshCookie(reply);
  }

  @Serves(routes.logoutEverywhere)
  async logoutEverywhere(@Caller() caller: Identity, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await this.auth.logoutEverywhere(caller);
    clearRefreshCookie(reply);
  }

  @Serves(routes.me)
  me(@Caller() caller: Identity): Promise<Person> {
    return this.auth.person(caller.userId);
  }

  @Serves(routes.findPeople)
  async find(
    @Caller() { userId }: Identity,
    @Query({ schema: routes.findPeople.query }) { text }: z.output<typeof routes.findPeople.query>,
  ): Promise<{ items: Person[] }> {
    await this.limits.takeLookup(userId);
    return { items: await this.auth.find(text) };
  }

  @Serves(routes.people)
  async people(
    @Query({ schema: routes.people.query }) { ids }: z.output<typeof routes.people.query>,
  ): Promise<{ items: Person[] }> {
    return { items: await this.auth.people(ids) };
  }
}

const origin = (request: FastifyRequest): Origin => ({
  ip: request.ip,
  device: request.headers['user-agent'] ?? 'unknown',
});

/** The body of an answer; the refresh token goes into it or into the cookie. */
function session(
  { person, identity, accessToken, expiresAt, refreshToken }: SignedIn,
  carrier: 'body' | 'cookie',
  request: FastifyRequest,
  reply: FastifyReply,
): Session {
  const body = { person, sessionId: identity.sessionId, accessToken, expiresAt };
  if (carrier === 'body') return { ...body, refreshToken };
  setRefreshCookie(request, reply, refreshToken);
  return body;
}
