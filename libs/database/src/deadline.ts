/** The longest that one statement may take before its connection is given up, milliseconds. */
export const STATEMENT_MS = 2_000;
/** The longest wait for a free connection of a pool, milliseconds. */
export const ACQUIRE_MS = 1_500;

export class DeadlineError extends Error {
  readonly code = 'ETIMEDOUT';
}

/** Rejects with DeadlineError after `ms`; `abandon` then gets rid of what the work still holds, now or when it ends. */
export function withDeadline<T>(work: Promise<T>, ms: number, abandon: (late: Promise<T>) => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new DeadlineError(`no answer from the database within ${ms} ms`));
      abandon(work);
    }, ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
