import { ChatError, type Refusal } from '@maru/contract';
import type { Logger } from '@maru/observability';

/** What leaves the server for an error: refusals as they are, anything else as `internal`, logged once, here. */
export function refusalOf(error: unknown, where: string, logger: Logger): Refusal {
  if (error instanceof ChatError) return error.toRefusal();
  logger.error({ err: error, where }, 'unexpected error');
  return new ChatError('internal').toRefusal();
}
