import { ChatError } from '@maru/contract';

interface DriverError {
  code?: string;
  errno?: number;
  fatal?: boolean;
}

/** The server is away, shutting down, full, read-only or too busy: the same statement may work in a moment. */
const AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
  'ER_SERVER_SHUTDOWN',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_QUERY_INTERRUPTED',
  'ER_CONNECTION_KILLED',
  'POOL_NOEXIST',
  'POOL_NONEONLINE',
  'POOL_CLOSED',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_LOCK_DEADLOCK',
  'ER_DISK_FULL',
  'ER_RECORD_FILE_FULL',
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_CANT_UPDATE_WITH_READLOCK',
  'ER_STATEMENT_TIMEOUT',
  'ER_OUT_OF_RESOURCES',
]);
const DISK_ERRNOS = new Set([3, 28, 1021, 1026, 1030, 1114, 1180]);

const driverError = (error: unknown): DriverError => (error instanceof Error ? (error as DriverError) : {});

export function isAway(error: unknown): boolean {
  const { code, errno, fatal } = driverError(error);
  const message = error instanceof Error ? error.message : '';
  return (
    (code !== undefined && AWAY.has(code)) ||
    (errno !== undefined && DISK_ERRNOS.has(errno)) ||
    fatal === true ||
    /closed state|Pool (does Not exist|is closed)|Queue limit reached/i.test(message)
  );
}

/** The server answers, and refuses who asks or what database he asks for. */
const REFUSED = new Set([
  'ER_ACCESS_DENIED_ERROR',
  'ER_ACCESS_DENIED_NO_PASSWORD_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_BAD_DB_ERROR',
  'ER_HOST_NOT_PRIVILEGED',
]);

/** Its message is one line that names the setting. */
export class RefusedError extends Error {}

export function isRefused(error: unknown): boolean {
  const { code } = driverError(error);
  return code !== undefined && REFUSED.has(code);
}

export const isDuplicate = (error: unknown): boolean => driverError(error).code === 'ER_DUP_ENTRY';

/** Deadlock or lock wait: nothing of the transaction happened, and the next try may succeed. */
export function isContention(error: unknown): boolean {
  const { code } = driverError(error);
  return code === 'ER_LOCK_DEADLOCK' || code === 'ER_LOCK_WAIT_TIMEOUT';
}

/** Drivers' errors stop here: what is only away becomes a refusal, anything else travels on. */
export function toRefusal(error: unknown): unknown {
  return isAway(error) ? new ChatError('unavailable', { retryAfterMs: 1_000, cause: error }) : error;
}

/** Deadlocks and lock waits: how often such a transaction is tried. */
const TRIES = 3;

/** Runs a transaction again that lost against another one. */
export async function retryContention<T>(write: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await write();
    } catch (error) {
      const cause = error instanceof ChatError && error.code === 'unavailable' ? error.cause : undefined;
      if (tries >= TRIES || !isContention(cause)) throw error;
    }
  }
}
