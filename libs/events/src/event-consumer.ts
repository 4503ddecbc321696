import { setTimeout as sleep } from 'node:timers/promises';
import { ChatError, REFUSALS } from '@maru/contract';
import { metrics, type Logger } from '@maru/observability';
import { type DomainEvent, eventFrom } from './event-map.js';
import type { EventStream, StreamEntry } from './event-stream.js';

/** How often an entry is handled anew before it is set aside; the pauses in between double from the first. */
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 100;
/** While what a handler needs is away, everything waits for it: nothing is set aside for that. */
const AWAY_PAUSE_MS = 500;
const BACKLOG_MS = 2_000;

export type EventHandler = (event: DomainEvent) => Promise<void>;

/** Hands the entries of a stream to a handler. One that can be handled by nobody is set aside; its neighbours go on. */
export class EventConsumer {
  private readonly timer: NodeJS.Timeout;
  private closed = false;

  constructor(
    private readonly stream: EventStream,
    private readonly handle: EventHandler,
    private readonly logger: Logger,
  ) {
    stream.consume((entries) => this.take(entries));
    this.timer = setInterval(() => void this.measure(), BACKLOG_MS);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    await this.stream.stop();
  }

  private async take(entries: readonly StreamEntry[]): Promise<void> {
    await Promise.all(entries.map((entry) => this.handleOne(entry)));
    metrics.eventsHandled.inc(entries.length);
    const oldest = Math.min(...entries.map(({ addedAt }) => addedAt));
    if (entries.length > 0) metrics.eventLag.observe(Math.max(0, Date.now() - oldest) / 1_000);
  }

  private async handleOne(entry: StreamEntry): Promise<void> {
    let event: DomainEvent;
    try {
      event = eventFrom(entry.text);
    } catch (error) {
      return this.setAside(entry, error);
    }
    for (let attempt = 1; ;) {
      try {
        return await this.handle(event);
      } catch (error) {
        if (this.closed) throw error;
        if (isAway(error)) await sleep(AWAY_PAUSE_MS);
        else if (attempt++ >= ATTEMPTS) return this.setAside(entry, error);
        else await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 2));
      }
    }
  }

  private async setAside(entry: StreamEntry, error: unknown): Promise<void> {
    const reason = error instanceof Error ? error.message : String(error);
    this.logger.error({ id: entry.id, reason }, 'an event that nobody can handle is set aside');
    await this.stream.setAside(entry, reason);
    metrics.eventsSetAside.inc();
  }

  private async measure(): Promise<void> {
    const backlog = await this.stream.backlog().catch(() => undefined);
    if (backlog === undefined) return;
    metrics.eventsUnread.set(backlog.unread);
    metrics.eventsLost.set(backlog.lost);
  }
}

const isAway = (error: unknown): boolean => error instanceof ChatError && REFUSALS[error.code].retry;
