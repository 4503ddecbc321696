import { ChatError, type RefusalCode, REFUSALS } from '@maru/contract';
import type { Logger } from '@maru/observability';
import { refusalOf } from '@maru/realtime';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What Nest and Fastify refuse by themselves, by HTTP status. */
const BY_STATUS: Record<number, RefusalCode> = { 400: 'invalid', 404: 'not-found', 413: 'too-large', 415: 'invalid' };

/** Every refusal over HTTP: a status, a code and the request's id; never a stack or a statement. */
@Catch()
export class RefusalFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const refusal = refusalOf(fromFramework(error), request.url.split('?')[0] ?? '', this.logger);
    if (refusal.retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(refusal.retryAfterMs / 1_000));
    if (REFUSALS[refusal.code].status === 401) reply.header('www-authenticate', 'Bearer');
    void reply.status(REFUSALS[refusal.code].status).send({ error: { ...refusal, requestId: request.id } });
  }
}

function fromFramework(error: unknown): unknown {
  if (error instanceof ChatError || !(error instanceof Error)) return error;
  const status = error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number }).statusCode;
  const code = status === undefined ? undefined : BY_STATUS[status];
  return code === undefined ? error : new ChatError(code, { cause: error });
}
