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

/** Throws `origin-refused` for a foreign page that would set or ride on the cookie. */
export function requireOwnPage({ headers }: FastifyRequest, publicOrigins: readonly string[]): void {
  if (!isAllowedOrigin(headers.origin, headers.host, publicOrigins)) throw new ChatError('origin-refused');
}

/** Throws `origin-refused`, or `unauthenticated` where there is no cookie. */
export function refreshCookie(request: FastifyRequest, publicOrigins: readonly string[]): string {
  requireOwnPage(request, publicOrigins);
  const token = request.cookies[NAME];
  if (token === undefined) throw new ChatError('unauthenticated');
  return token;
}
