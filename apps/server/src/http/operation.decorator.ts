import { ChatError, type Operation, type OperationName, operations, restInput } from '@maru/contract';
import { OperationCommand, type OperationHandler, parse } from '@maru/realtime';
import { createParamDecorator, type ExecutionContext, HttpCode, RequestMapping, RequestMethod } from '@nestjs/common';
import { SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Caller } from './caller.decorator.js';
import { ROUTE } from './route.decorator.js';

type Fields = Record<string, unknown>;

/** What the path names and what the body says, together, as the socket command would carry it. */
const Input = createParamDecorator((operation: Operation, context: ExecutionContext): unknown => {
  const { params, body } = context.switchToHttp().getRequest<FastifyRequest<{ Params: Fields; Body: unknown }>>();
  const fields = body === undefined || body === null ? {} : body;
  if (typeof fields !== 'object' || Array.isArray(fields)) throw new ChatError('invalid');
  const inPath = Object.entries(params).map(([name, value]) => [name, fromPath(operation, name, String(value))]);
  if (inPath.some(([name]) => Object.hasOwn(fields, name as string))) {
    throw new ChatError('invalid', { message: 'what the path names does not belong into the body' });
  }
  return parse(operation.input, { ...fields, ...(Object.fromEntries(inPath) as Fields) });
});

/** A seq is a number everywhere; a path has only text. */
function fromPath(operation: Operation, name: string, value: string): unknown {
  const isNumber = restInput(operation).params.shape[name]?.safeParse(1).success === true;
  return isNumber && /^\d{1,15}$/.test(value) ? Number(value) : value;
}

/** Binds a controller's method to an operation: to its REST route and to its socket command alike. */
export const Handles =
  <N extends OperationName>(name: N) =>
  (
    controller: object,
    method: string,
    descriptor: TypedPropertyDescriptor<OperationHandler<N>> & { value?: OperationHandler<N> },
  ): void => {
    const operation: Operation = operations[name];
    Caller()(controller, method, 0);
    Input(operation)(controller, method, 1);
    const path = operation.path.replace(/\{(\w+)\}/g, ':$1');
    for (const decorate of [
      RequestMapping({ method: RequestMethod[operation.method], path }),
      HttpCode(operation.status),
      SetMetadata(ROUTE, { authenticated: true }),
      OperationCommand(name),
    ] as MethodDecorator[]) {
      decorate(controller, method, descriptor);
    }
  };
