import { type BaseOptions, type MessageToProduce, Producer, stringSerializers } from '@platformatic/kafka';
import { within } from './within.js';

type Message = MessageToProduce<string, string, string, string>;

const SEND_MS = 3_000;
const CLOSE_MS = 500;
/** Of the texts in one send: a broker refuses what is above a megabyte, and one that is refused would be sent for ever. */
const SEND_SIZE = 256 * 1_024;

/**
 * Resolves once every replica has the messages. With `ordered` one call at a time: with several under way a broker that
 * dies would change their order. After a failure it begins with a new producer, because the old one may still be sending.
 */
export class KafkaWriter {
  private producer: Producer<string, string, string, string> | undefined;

  constructor(
    private readonly client: BaseOptions,
    private readonly ordered: boolean,
  ) {}

  async send(messages: readonly Message[]): Promise<void> {
    this.producer ??= new Producer({
      ...this.client,
      idempotent: this.ordered,
      acks: -1,
      serializers: stringSerializers,
    });
    const producer = this.producer;
    const sendAll = async (): Promise<void> => {
      for (const part of partsOf(messages)) await producer.send({ messages: part });
    };
    try {
      await within(SEND_MS, sendAll());
    } catch (error) {
      if (this.producer === producer) this.producer = undefined;
      void within(CLOSE_MS, producer.close(true)).catch(() => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.producer !== undefined) await within(CLOSE_MS, this.producer.close(true)).catch(() => {});
  }
}

function* partsOf(messages: readonly Message[]): Generator<Message[]> {
  let part: Message[] = [];
  let size = 0;
  for (const message of messages) {
    part.push(message);
    size += message.value?.length ?? 0;
    if (size < SEND_SIZE) continue;
    yield part;
    [part, size] = [[], 0];
  }
  if (part.length > 0) yield part;
}
