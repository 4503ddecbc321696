import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
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
/** Entries that are decoded in one turn of the event loop: a millisecond, so that no message waits for them. */
const DECODED_AT_ONCE = 400;

/** Handles the events of a batch, in their order. What it throws tells nothing of which of them it is about. */
export type EventHandler = (events: readonly DomainEvent[]) => Promise<void>;

interface Decoded {
  entry: StreamEntry;
  event: DomainEvent;
}

/**
 * Hands the entries of a stream to a handler, a batch at a time: on a busy stream a call for each would cost more than
 * the work. An entry that nobody can handle is found by trying each alone, and set aside; its neighbours go on.
 */
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
    if (entries.length === 0) return;
    await this.handleAll(await this.decode(entries));
    metrics.eventsHandled.inc(entries.length);
    const oldest = Math.min(...entries.map(({ addedAt }) => addedAt));
    metrics.eventLag.observe(Math.max(0, Date.now() - oldest) / 1_000);
  }

  private async decode(entries: readonly StreamEntry[]): Promise<Decoded[]> {
    const decoded: Decoded[] = [];
    for (const [i, entry] of entries.entries()) {
      if (i % DECODED_AT_ONCE === DECODED_AT_ONCE - 1) await nextTurn();
      try {
        decoded.push({ entry, event: eventFrom(entry.text) });
      } catch (error) {
        await this.setAside(entry, error);
      }
    }
    return decoded;
  }

  private async handleAll(batch: readonly Decoded[]): Promise<void> {
    try {
      await this.handleWhenPossible(batch);
    } catch (error) {
      if (this.closed) throw error;
      await Promise.all(batch.map((one) => this.handleAlone(one)));
    }
  }

  private async handleAlone(one: Decoded): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.handleWhenPossible([one]);
      } catch (error) {
        if (this.closed) throw error;
        if (attempt === ATTEMPTS) return this.setAside(one.entry, error);
        await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1));
      }
    }
  }

  /** Throws anything but that something is away. */
  private async handleWhenPossible(batch: readonly Decoded[]): Promise<void> {
    for (;;) {
      try {
        return await this.handle(batch.map(({ event }) => event));
      } catch (error) {
        if (this.closed || !isAway(error)) throw error;
        await sleep(AWAY_PAUSE_MS);
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
    metrics.eventsTrimmedUnread.set(backlog.lost);
  }
}

const isAway = (error: unknown): boolean => error instanceof ChatError && REFUSALS[error.code].retry;
