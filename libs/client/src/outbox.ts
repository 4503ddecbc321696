import { ChatError, type MessageId, type Stored } from '@maru/contract';
import { uuidv7 } from 'uuidv7';

export interface OutgoingMessage {
  id: MessageId;
  text: string;
  createdAt: number;
  /** `stored`: acknowledged, and about to arrive in the timeline. `failed`: refused for good, or given up by hand. */
  state: 'sending' | 'stored' | 'failed';
  error: ChatError | null;
  /** Its place, once it is stored. */
  seq: number | null;
}

const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 10_000;

/**
 * What one person says in one room, in order: the next message is sent when the one before it is stored or refused for
 * good. Every attempt carries the same id, so an answer that got lost does no harm.
 */
export class Outbox {
  private messages: readonly OutgoingMessage[] = [];
  private sending = false;
  private stopped = false;
  private retries = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly transmit: (message: { id: MessageId; text: string }) => Promise<Stored>,
    private readonly online: () => boolean,
    private readonly changed: (messages: readonly OutgoingMessage[]) => void,
  ) {}

  add(text: string): MessageId {
    const id = uuidv7() as MessageId;
    this.set([...this.messages, { id, text, createdAt: Date.now(), state: 'sending', error: null, seq: null }]);
    void this.pump();
    return id;
  }

  /** Sends a failed message again, with its id. */
  retry(id: MessageId): void {
    this.patch(id, { state: 'sending', error: null });
    void this.pump();
  }

  discard(id: MessageId): void {
    this.set(this.messages.filter((message) => message.id !== id || message.state === 'sending'));
  }

  /** The timeline has these now; an acknowledgement may still be on its way. */
  arrived(ids: ReadonlySet<MessageId>): void {
    if (this.messages.some(({ id }) => ids.has(id))) this.set(this.messages.filter(({ id }) => !ids.has(id)));
  }

  /** The timeline has everything up to here, shown or not. */
  covered(to: number): void {
    const isCovered = ({ seq }: OutgoingMessage): boolean => seq !== null && seq <= to;
    if (this.messages.some(isCovered)) this.set(this.messages.filter((message) => !isCovered(message)));
  }

  /** The connection is back: do not wait for the next turn. */
  resume(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    void this.pump();
  }

  /** Nothing is sent from now on, also not what fails only now: the next person's connection is not ours. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async pump(): Promise<void> {
    if (this.stopped || this.sending || this.timer !== undefined) return;
    const next = this.messages.find(({ state }) => state === 'sending');
    if (next === undefined || !this.online()) return;
    this.sending = true;
    try {
      const { seq } = await this.transmit({ id: next.id, text: next.text });
      this.retries = 0;
      this.patch(next.id, { state: 'stored', seq });
    } catch (error) {
      const refusal = error instanceof ChatError ? error : new ChatError('internal', { cause: error });
      if (refusal.final || refusal.code === 'internal') this.patch(next.id, { state: 'failed', error: refusal });
      else this.waitFor(refusal.retryAfterMs ?? 0);
    } finally {
      this.sending = false;
    }
    void this.pump();
  }

  private waitFor(atLeastMs: number): void {
    if (this.stopped) return;
    const ceiling = Math.min(FIRST_RETRY_MS * 2 ** this.retries++, MAX_RETRY_MS);
    this.timer = setTimeout(() => this.resume(), atLeastMs + Math.random() * ceiling);
  }

  private patch(id: MessageId, change: Partial<OutgoingMessage>): void {
    this.set(this.messages.map((message) => (message.id === id ? { ...message, ...change } : message)));
  }

  private set(messages: readonly OutgoingMessage[]): void {
    this.messages = messages;
    this.changed(messages);
  }
}
