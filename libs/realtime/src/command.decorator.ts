import type {
  CommandName,
  CommandReply,
  Commands,
  OperationInput,
  OperationName,
  OperationReply,
} from '@maru/contract';
import type { z } from 'zod';
import type { Answer } from './answer.js';
import type { Identity, Viewer } from './viewer.js';

type Result<C extends CommandName> = CommandReply<C> | Answer<CommandReply<C>>;

/** Takes the parsed payload; what it returns or throws becomes the acknowledgement. */
export type CommandHandler<C extends CommandName = CommandName> = (
  viewer: Viewer,
  payload: z.output<Commands[C]['payload']>,
) => Result<C> | Promise<Result<C>>;

/** Does not know whether it was asked over REST or over a socket. */
export type OperationHandler<N extends OperationName> = (
  caller: Identity,
  input: OperationInput<N>,
) => Promise<OperationReply<N> extends undefined ? void : OperationReply<N>>;

type AnyHandler = (viewer: Viewer, payload: unknown) => unknown;
type AnyOperation = (caller: Identity, input: unknown) => Promise<unknown>;

interface Marked {
  command: CommandName;
  isOperation: boolean;
}

const COMMAND = Symbol('command that a method answers');
const mark = (method: unknown, marked: Marked): void => Reflect.defineMetadata(COMMAND, marked, method as object);

/**
 * Makes a gateway's method the handler of a command of the contract. It is called straight from the socket, not through
 * Nest's guards, pipes and interceptors: those are a dozen promises a message, and the contract's schema, the
 * handshake and the service do what they would.
 */
export const Command =
  <C extends CommandName>(command: C) =>
  (_gateway: object, _method: string | symbol, { value }: { value?: CommandHandler<C> }): void =>
    mark(value, { command, isOperation: false });

/** Makes a method the handler of an operation's command; what it does not return is answered as `{}`. */
export const OperationCommand =
  <N extends OperationName>(command: N) =>
  (_controller: object, _method: string | symbol, { value }: { value?: OperationHandler<N> }): void =>
    mark(value, { command, isOperation: true });

/** The handlers of all these providers by command. */
export function commandHandlers(providers: Iterable<unknown>): Map<string, AnyHandler> {
  const handlers = new Map<string, AnyHandler>();
  for (const provider of providers) {
    if (typeof provider !== 'object' || provider === null) continue;
    const prototype = Object.getPrototypeOf(provider) as object | null;
    for (const { value } of Object.values(Object.getOwnPropertyDescriptors(prototype ?? {}))) {
      const marked =
        typeof value === 'function' ? (Reflect.getMetadata(COMMAND, value as object) as Marked | undefined) : undefined;
      if (marked !== undefined) handlers.set(marked.command, handlerOf(provider, value, marked));
    }
  }
  return handlers;
}

function handlerOf(provider: object, method: unknown, { isOperation }: Marked): AnyHandler {
  if (!isOperation) return (method as AnyHandler).bind(provider);
  const operation = (method as AnyOperation).bind(provider);
  return async ({ identity }, payload) => (await operation(identity, payload)) ?? {};
}
