import type { Logger } from '@maru/observability';
import {
  applyDecorators,
  type ArgumentsHost,
  Catch,
  Controller,
  type RpcExceptionFilter,
  UseFilters,
} from '@nestjs/common';
import { BaseRpcContext, type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom, type Observable, throwError } from 'rxjs';
import { EventConsumer } from './event-consumer.js';
import type { DomainEvent } from './event-map.js';
import type { EventStream } from './event-stream.js';

/** Lets Nest's `@EventPattern` handlers consume a stream of events, whatever driver it has. */
export class EventServer extends Server implements CustomTransportStrategy {
  /** Nest need not log them. */
  override readonly propagatesEventHandlerErrors = true;
  private consumer: EventConsumer | undefined;

  constructor(
    private readonly stream: EventStream,
    private readonly log: Logger,
  ) {
    super();
  }

  listen(listening: () => void): void {
    this.consumer = new EventConsumer(this.stream, (events) => this.tellAll(events), this.log);
    listening();
  }

  async close(): Promise<void> {
    await this.consumer?.close();
  }

  on(): never {
    throw new Error('an event server has no events of its own');
  }

  unwrap<T>(): T {
    return this.stream as T;
  }

  private async tellAll(events: readonly DomainEvent[]): Promise<void> {
    await Promise.all([...Map.groupBy(events, ({ name }) => name)].map(([name, ofName]) => this.tell(name, ofName)));
  }

  /** Resolves once every handler of these events is done; rejects with the first error. Nest joins several into one. */
  private async tell(name: string, events: readonly DomainEvent[]): Promise<void> {
    const handler = this.getHandlerByPattern(name);
    if (handler === null) return;
    const facts = events.map(({ data }) => data);
    const result: unknown = await handler(facts, new BaseRpcContext([]));
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
  }
}

/** What a handler throws travels on to the consumer, which decides about it. Nest would log it and answer a client. */
@Catch()
class EventErrorFilter implements RpcExceptionFilter {
  catch(error: unknown, _host: ArgumentsHost): Observable<never> {
    return throwError(() => error);
  }
}

/**
 * A class whose `@EventPattern` methods handle events: each is given the facts of its name in a batch, in their order, as
 * an array. What it throws reaches the consumer as it is.
 */
export const EventListener = (): ClassDecorator => applyDecorators(Controller(), UseFilters(EventErrorFilter));
