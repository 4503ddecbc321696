import { applyDecorators, Catch, UseFilters, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { AFTER_ERROR } from './chat-io-adapter.js';

/** Hands an error of a handler to the adapter, which answers it; Nest itself would never call the acknowledgement. */
@Catch()
class AnswerErrors implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const answer = host.getArgByIndex<{ [AFTER_ERROR]: (error: unknown) => void }>(2);
    answer[AFTER_ERROR](error);
  }
}

/** A gateway whose handlers return the data of their acknowledgement or throw a ChatError. */
export const ChatGateway = (): ClassDecorator => applyDecorators(WebSocketGateway(), UseFilters(AnswerErrors));
