import { ChatError } from '@maru/contract';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { z } from 'zod';
import type { ChatSocket } from './chat-socket.js';
import type { Viewer } from './viewer.js';

/** Parses with a schema of the contract. Throws `invalid` with the place and reason of the first fault. */
export function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ChatError('invalid', { message: `${issue?.path.join('.') || 'request'}: ${issue?.message}` });
}

const payload = createParamDecorator((schema: () => z.ZodType, context: ExecutionContext) =>
  parse(schema(), context.switchToWs().getData()),
);

/** The payload of a command, parsed: `@Frame(MessageSend) frame: MessageSend`. */
// Nest takes an argument with a `transform` method, as schemas have, for a pipe: hand it over wrapped
export const Frame = (schema: z.ZodType): ParameterDecorator => payload(() => schema);

/** The socket that a command came from. */
export const From = createParamDecorator(
  (_: undefined, context: ExecutionContext): Viewer => context.switchToWs().getClient<ChatSocket>().data.viewer,
);
