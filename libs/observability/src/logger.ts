import { pino, type Logger as PinoLogger } from 'pino';
import { metrics } from './metrics.js';

export type Logger = PinoLogger;

/** JSON lines on stdout. What has the name of a secret in a logged object is removed; message texts are never passed in. */
export function createLogger(options: { level: string; node: string }): Logger {
  const stdout = pino.destination(1);
  // a full disk must not end the node
  stdout.on('error', () => metrics.logLinesLost.inc());
  return pino(
    {
      level: options.level,
      base: { node: options.node },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
      redact: {
        paths: ['*.password', '*.token', '*.accessToken', '*.refreshToken', '*.text'],
        censor: '[redacted]',
      },
    },
    stdout,
  );
}

/** What finds an error again. Drivers put the whole statement into theirs, and with it what people wrote. */
export function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  return {
    type: name,
    message,
    ...(code === undefined ? {} : { code }),
    stack,
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}
