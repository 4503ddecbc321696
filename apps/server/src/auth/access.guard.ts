import { ChatError, type Route } from '@maru/contract';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { AuthenticatedRequest } from '../http/caller.decorator.js';
import { ROUTE } from '../http/route.decorator.js';
import { SessionsService } from './sessions.service.js';

/** Lets a request of an authenticated route through only with a good access token. Applied to every REST route. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: SessionsService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const route = this.reflector.get<Pick<Route, 'authenticated'> | undefined>(ROUTE, context.getHandler());
    if (route === undefined || !route.authenticated) return route !== undefined;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const [, token] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (token === undefined) throw new ChatError('unauthenticated');
    request.identity = await this.sessions.authenticate(token);
    return true;
  }
}
