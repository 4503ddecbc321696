import type { Socket } from 'node:net';
import { ChatError, REFUSALS } from '@maru/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { uuidv7 } from 'uuidv7';

/** Answers what is no HTTP, or has headers beyond Node's limit, in the form of every refusal, and hangs up. */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const refusal = new ChatError(error.code === 'HPE_HEADER_OVERFLOW' ? 'too-large' : 'invalid').toRefusal();
  const body = JSON.stringify({ error: { ...refusal, requestId: uuidv7() } });
  const head = [
    `HTTP/1.1 ${REFUSALS[refusal.code].status} ${refusal.code}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Answers an address that the router cannot take apart, such as `/%ff`, in the form of every refusal. */
export function answerUnroutable(_error: unknown, { id }: FastifyRequest, reply: FastifyReply): void {
  const refusal = new ChatError('invalid', { message: 'the address cannot be read' }).toRefusal();
  void reply.status(REFUSALS.invalid.status).send({ error: { ...refusal, requestId: id } });
}
