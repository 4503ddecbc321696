import { metrics, type Logger } from '@maru/observability';
import { type DomainEvent, eventText } from './event-map.js';
import type { EventStream, NewEntry } from './event-stream.js';

/** Events that may wait while the stream is away. Older ones give way: a sweep repairs what they would have told. */
const WAITING_MAX = 10_000;
const BATCH = 1_000;
/** Between two calls: an append costs both sides about as much as ten events. */
const GATHER_MS = 50;
const RETRY_MS = 500;

/** Puts events on the stream, one append at a time. Nobody waits for it, and nothing that it does can fail a sender. */
export class EventPublisher {
  private waiting: NewEntry[] = [];
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> | undefined;
  private away = false;
  private closed = false;

  constructor(
    private readonly stream: Pick<EventStream, 'append'>,
    private readonly logger: Logger,
  ) {}

  publish(events: readonly DomainEvent[]): void {
    for (const event of events) this.waiting.push({ key: event.data.roomId, text: eventText(event) });
    const tooMany = this.waiting.length - WAITING_MAX;
    if (tooMany > 0) {
      this.waiting.splice(0, tooMany);
      metrics.eventsDropped.inc(tooMany);
    }
    metrics.eventsWaiting.set(this.waiting.length);
    this.schedule(GATHER_MS);
  }

  /** Tries once more to tell what waits. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.sending;
    do await this.send();
    while (!this.away && this.waiting.length > 0);
  }

  private schedule(ms: number): void {
    if (this.closed || this.waiting.length === 0) return;
    this.timer ??= setTimeout(() => {
      this.sending = this.send().finally(() => {
        this.timer = undefined;
        this.schedule(this.away ? RETRY_MS : GATHER_MS);
      });
    }, ms);
  }

  private async send(): Promise<void> {
    const batch = this.waiting.splice(0, BATCH);
    if (batch.length === 0) return;
    try {
      await this.stream.append(batch);
      metrics.eventsPublished.inc(batch.length);
      if (this.away) this.logger.info('the event stream takes events again');
      this.away = false;
    } catch (error) {
      if (!this.away) this.logger.warn({ reason: (error as Error).message }, 'the event stream is away');
      this.away = true;
      this.waiting.unshift(...batch);
    }
    metrics.eventsWaiting.set(this.waiting.length);
  }
}
