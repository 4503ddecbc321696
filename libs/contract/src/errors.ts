import { z } from 'zod';

/**
 * Every refusal that leaves a server. `status` is its HTTP status. `retry` says whether the same request may be sent
 * again: a code without it is final. Every code but `unknown` and `internal` is definite: this attempt stored nothing.
 */
export const REFUSALS = {
  invalid: { status: 400, retry: false, message: 'The request does not have the documented form.' },
  'unknown-event': { status: 400, retry: false, message: 'There is no such event.' },
  unauthenticated: { status: 401, retry: false, message: 'Sign in again, or refresh the access token.' },
  'wrong-credentials': { status: 401, retry: false, message: 'The name or the password is wrong.' },
  forbidden: { status: 403, retry: false, message: 'You may not do this.' },
  'not-member': { status: 403, retry: false, message: 'You are not a member of this room.' },
  'origin-refused': { status: 403, retry: false, message: 'This page may not talk to this server.' },
  'not-found': { status: 404, retry: false, message: 'It does not exist, or it is not yours to see.' },
  conflict: {
    status: 409,
    retry: false,
    message: 'This id was used for something else, or the version is not the newest any more.',
  },
  banned: { status: 403, retry: false, message: 'You are banned from this room.' },
  muted: { status: 403, retry: false, message: 'You may read here, but not write, until retryAfterMs is over.' },
  'wrong-password': { status: 403, retry: false, message: 'The password of the room is missing or wrong.' },
  archived: { status: 409, retry: false, message: 'The room is archived: it can be read and not changed.' },
  'room-full': { status: 409, retry: false, message: 'The room has as many members as it may have.' },
  'last-owner': { status: 409, retry: false, message: 'Make somebody else the owner first.' },
  'too-late': { status: 409, retry: false, message: 'This message is too old to be edited.' },
  'too-many': { status: 409, retry: false, message: 'There are as many of these as there may be.' },
  'name-taken': { status: 409, retry: false, message: 'This name is taken.' },
  'too-large': { status: 413, retry: false, message: 'The request is too large.' },
  'unsupported-protocol': { status: 426, retry: false, message: 'Reload to get the version this server speaks.' },
  'rate-limited': { status: 429, retry: true, message: 'Too many requests; wait retryAfterMs.' },
  'slow-mode': { status: 429, retry: true, message: 'Slow mode: the next message may follow after retryAfterMs.' },
  overloaded: { status: 503, retry: true, message: 'The server has too much to do; wait retryAfterMs.' },
  'slow-consumer': { status: 503, retry: true, message: 'This connection did not read fast enough; connect again.' },
  unavailable: { status: 503, retry: true, message: 'Something this request needs is away; wait retryAfterMs.' },
  unknown: { status: 504, retry: true, message: 'It may or may not be stored; send it again with the same id.' },
  internal: { status: 500, retry: false, message: 'The server failed; the log has the details.' },
} as const satisfies Record<string, { status: number; retry: boolean; message: string }>;

export type RefusalCode = keyof typeof REFUSALS;

const codes = Object.keys(REFUSALS) as [RefusalCode, ...RefusalCode[]];
export const RefusalCode = z.enum(codes).meta({ id: 'RefusalCode', description: 'What was refused, for programs.' });

export const Refusal = z
  .strictObject({
    code: RefusalCode,
    message: z.string().meta({ description: 'For programmers; people are told in their language by the client.' }),
    retryAfterMs: z.int().min(0).optional().meta({ description: 'Wait this many milliseconds before trying again.' }),
    requestId: z.string().optional().meta({ description: 'Finds the request in the server log.' }),
  })
  .meta({ id: 'Refusal' });
export type Refusal = z.infer<typeof Refusal>;

/** Thrown to refuse. The edge that received the request turns it into an answer; nothing else catches it. */
export class ChatError extends Error {
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: RefusalCode,
    details: { retryAfterMs?: number | undefined; message?: string | undefined; cause?: unknown } = {},
  ) {
    super(details.message ?? REFUSALS[code].message, { cause: details.cause });
    this.name = 'ChatError';
    this.retryAfterMs = details.retryAfterMs === undefined ? undefined : Math.ceil(details.retryAfterMs);
  }

  /** A final refusal is definite and stays so however often the request is sent. */
  get final(): boolean {
    return !REFUSALS[this.code].retry && this.code !== 'internal';
  }

  toRefusal(): Refusal {
    return {
      code: this.code,
      message: this.message,
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
    };
  }
}
