import type { Identity } from '@maru/realtime';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

export type AuthenticatedRequest = FastifyRequest & { identity?: Identity };

/** Who sent this request, as its access token says. Only on routes that need one. */
export const Caller = createParamDecorator((_: undefined, context: ExecutionContext): Identity => {
  const { identity } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (identity === undefined) throw new Error('@Caller() on a route that is not authenticated');
  return identity;
});
