import { ChatError, type MessageId, type SendMessage, type Stored } from '@maru/contract';
import { uuidv7 } from 'uuidv7';

export interface OutgoingMessage {
  id: MessageId;
  text: string;
  /** Seq of the message that it answers. */
  replyTo: number | null;
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
    private readonly transmit: (message: SendMessage) => Promise<Stored>,
    private readonly online: () => boolean,
    private readonly changed: (messages: readonly OutgoingMessage[]) => void,
    private readonly kept: { put: (message: OutgoingMessage) => void; remove: (ids: readonly MessageId[]) => void } = {
      put: () => {},
      remove: () => {},
    },
  ) {}

  add(text: string, replyTo: number | null = null): MessageId {
    const id = uuidv7() as MessageId;
    const createdAt = Date.now();
    const message: OutgoingMessage = { id, text, replyTo, createdAt, state: 'sending', error: null, seq: null };
    this.kept.put(message);
    this.set([...this.messages, message]);
    void this.pump();
    return id;
  }

  /** Puts in what an earlier run did not get acknowledged, in the order in which it was written. */
  restore(earlier: readonly OutgoingMessage[]): void {
    const known = new Set(this.messages.map(({ id }) => id));
    const all = [...earlier.filter(({ id }) => !known.has(id)), ...this.messages];
    this.set(all.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
    void this.pump();
  }

  /** Sends a failed message again, with its id. */
  retry(id: MessageId): void {
    this.patch(id, { state: 'sending', error: null });
    void this.pump();
  }

  discard(id: MessageId): void {
    const discarded = this.messages.filter((message) => message.id === id && message.state !== 'sending');
    this.drop(discarded.map((message) => message.id));
  }

  /** The timeline has these now; an acknowledgement may still be on its way. */
  arrived(ids: ReadonlySet<MessageId>): void {
    this.drop(this.messages.filter(({ id }) => ids.has(id)).map(({ id }) => id));
  }

  /** The timeline has everything up to here, shown or not. */
  covered(to: number): void {
    const isCovered = ({ seq }: OutgoingMessage): boolean => seq !== null && seq <= to;
    this.drop(this.messages.filter(isCovered).map(({ id }) => id));
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
      const { id, text, replyTo } = next;
      const { seq } = await this.transmit({ id, text, ...(replyTo === null ? {} : { replyTo }) });
      this.retries = 0;
      this.kept.remove([next.id]);
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

  private drop(ids: readonly MessageId[]): void {
    if (ids.length === 0) return;
    this.kept.remove(ids);
    this.set(this.messages.filter(({ id }) => !ids.includes(id)));
  }

  private patch(id: MessageId, change: Partial<OutgoingMessage>): void {
    this.set(this.messages.map((message) => (message.id === id ? { ...message, ...change } : message)));
    const changed = this.messages.find((message) => message.id === id);
    if (changed !== undefined && changed.state !== 'stored') this.kept.put(changed);
  }

  private set(messages: readonly OutgoingMessage[]): void {
    this.messages = messages;
    this.changed(messages);
  }
}
