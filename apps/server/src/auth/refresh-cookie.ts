import { ChatError } from '@maru/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isAllowedOrigin } from './allowed-origins.js';

const NAME = 'maru_refresh';
const PATH = '/api/auth';
const MONTH_S = 30 * 24 * 3_600;

/** Out of reach of scripts, sent only to the auth routes and only by pages of this site. */
export function setRefreshCookie(request: FastifyRequest, reply: FastifyReply, token: string): void {
  reply.setCookie(NAME, token, {
    httpOnly: true,
    sameSite: 'strict',
    secure: request.protocol === 'https',
    path: PATH,
    maxAge: MONTH_S,
  });
}

export function clearRefreshCookie(reply: FastifyReply): void {
  reply.clearCookie(NAME, { path: PATH });
}

/** Throws `origin-refused` for a foreign page that rides on the cookie, `unauthenticated` where there is none. */
export function refreshCookie(request: FastifyRequest, publicOrigins: readonly string[]): string {
  if (!isAllowedOrigin(request.headers.origin, request.headers.host, publicOrigins)) {
    throw new ChatError('origin-refused');
  }
  const token = request.cookies[NAME];
  if (token === undefined) throw new ChatError('unauthenticated');
  return token;
}
