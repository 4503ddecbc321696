import type { CommandName, CommandReply, Commands } from '@maru/contract';
import type { z } from 'zod';
import type { Answer } from './answer.js';
import type { Viewer } from './viewer.js';

type Result<C extends CommandName> = CommandReply<C> | Answer<CommandReply<C>>;

/** Takes the parsed payload; what it returns or throws becomes the acknowledgement. */
export type CommandHandler<C extends CommandName = CommandName> = (
  viewer: Viewer,
  payload: z.output<Commands[C]['payload']>,
) => Result<C> | Promise<Result<C>>;

type AnyHandler = (viewer: Viewer, payload: unknown) => unknown;

const COMMAND = Symbol('command that a method answers');

/**
 * Makes a gateway's method the handler of a command of the contract. It is called straight from the socket, not through
 * Nest's guards, pipes and interceptors: those are a dozen promises a message, and the contract's schema, the
 * handshake and the service do what they would.
 */
export const Command =
  <C extends CommandName>(command: C) =>
  (_gateway: object, _method: string | symbol, { value }: { value?: CommandHandler<C> }): void =>
    Reflect.defineMetadata(COMMAND, command, value as object);

/** The handlers of all these providers by command. */
export function commandHandlers(providers: Iterable<unknown>): Map<string, AnyHandler> {
  const handlers = new Map<string, AnyHandler>();
  for (const provider of providers) {
    if (typeof provider !== 'object' || provider === null) continue;
    const prototype = Object.getPrototypeOf(provider) as object | null;
    for (const { value } of Object.values(Object.getOwnPropertyDescriptors(prototype ?? {}))) {
      const command: unknown = typeof value === 'function' && Reflect.getMetadata(COMMAND, value as object);
      if (typeof command === 'string') handlers.set(command, (value as AnyHandler).bind(provider));
    }
  }
  return handlers;
}
