import { ChatError } from '@maru/contract';
import type { z } from 'zod';

/** Parses with a schema of the contract. Throws `invalid` with the place and reason of the first fault. */
export function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ChatError('invalid', { message: `${issue?.path.join('.') || 'request'}: ${issue?.message}` });
}
