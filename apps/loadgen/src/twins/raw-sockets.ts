import { Answer, ChatIoAdapter, type ChatSocket } from '@maru/realtime';

/**
 * Loaded into a node before it starts, for a measurement: commands go from `socket.on` straight to the method that
 * answers them. Nobody checks their shape, counts what is unanswered, times them or turns what is thrown into a refusal.
 */
type Handler = (viewer: ChatSocket['data']['viewer'], payload: unknown) => unknown;
type Reply = (answer: unknown) => void;
interface Inside {
  handlers: Map<string, Handler>;
}

const bound = new WeakSet<ChatSocket>();
const adapter = ChatIoAdapter.prototype;
// eslint-disable-next-line typescript/unbound-method -- it is called with the adapter that it belongs to
const bindMessageHandlers = adapter.bindMessageHandlers;

adapter.bindMessageHandlers = function bindStraight(this: ChatIoAdapter, socket: ChatSocket): void {
  if (bound.has(socket)) return;
  bound.add(socket);
  bindMessageHandlers.call(this, socket);
  socket.offAny();
  for (const [event, handler] of (this as unknown as Inside).handlers) {
    const answer = async (payload: unknown, reply: Reply): Promise<void> => {
      const result = await handler(socket.data.viewer, payload);
      if (!(result instanceof Answer)) return reply({ ok: true, data: result });
      socket.data.viewer.together(() => {
        reply({ ok: true, data: result.data as unknown });
        result.afterwards();
      });
    };
    socket.on(event, (payload: unknown, reply: Reply) => void answer(payload, reply));
  }
};
