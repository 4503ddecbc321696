import type { Entry, HistoryEntry, RoomId } from '@maru/contract';
import { metrics } from '@maru/observability';
import { LRUCache } from 'lru-cache';
import { type HistoryRange, HistoryWindow } from './history-window.js';
import type { LogRepository, Page } from './log.repository.js';

const ROOMS = 500;
/** A window is read anew after so long, spread over half as much again, milliseconds. */
const KEPT_MS = 300_000;
/** How long a reader waits for entries that the primary has and this node is about to take, milliseconds. */
const CATCH_UP_MS = 50;

/**
 * Look-aside cache of the newest history of rooms. It is filled by who asks for a newest page, and grows with what is
 * committed and what is delivered here, in order; a room that this node neither writes nor delivers is read again once its
 * head has moved on.
 */
export class HistoryCache {
  private readonly windows = new LRUCache<RoomId, HistoryWindow>({ max: ROOMS, ttl: KEPT_MS });
  private readonly reading = new Map<RoomId, Promise<Page>>();

  constructor(
    private readonly repository: Pick<LogRepository, 'page'>,
    private readonly catchUpMs = CATCH_UP_MS,
  ) {}

  /** Committed here a moment ago. What follows something that is yet to come is taken in its turn. */
  extend(roomId: RoomId, entries: readonly Entry[]): void {
    const window = this.windows.peek(roomId);
    if (window !== undefined) for (const entry of entries) window.append(entry);
  }

  /** Taken in its turn by this node. */
  append(roomId: RoomId, entry: Entry): void {
    const window = this.windows.peek(roomId);
    if (window !== undefined && entry.seq > window.to && !window.append(entry)) this.windows.delete(roomId);
  }

  forget(roomId: RoomId): void {
    this.windows.delete(roomId);
  }

  /** A page of history, at least as new as it is asked for. */
  async page(roomId: RoomId, range: HistoryRange): Promise<HistoryEntry[]> {
    const window = this.windows.get(roomId);
    if (window?.historyEpoch === range.historyEpoch) await window.reach(range.head, this.catchUpMs);
    const known = this.windows.get(roomId)?.page(range);
    metrics.cacheReads.inc({ cache: 'history', outcome: known === undefined ? 'miss' : 'hit' });
    if (known !== undefined) return known;
    const isNewest = range.newestFirst && range.before > range.asNewAs;
    if (!isNewest) return (await this.repository.page(roomId, range)).entries;
    const shared = await this.newest(roomId, range);
    const read = new HistoryWindow(shared.entries, shared.from, shared.to, range.historyEpoch);
    return read.page({ ...range, head: range.asNewAs }) ?? (await this.read(roomId, range));
  }

  /** One read of a room's newest page at a time; who asks meanwhile shares it. */
  private newest(roomId: RoomId, range: HistoryRange): Promise<Page> {
    const running = this.reading.get(roomId);
    if (running !== undefined) return running;
    const reading = this.repository.page(roomId, range).finally(() => this.reading.delete(roomId));
    this.reading.set(roomId, reading);
    return reading.then((page) => {
      this.fill(roomId, page, range);
      return page;
    });
  }

  private async read(roomId: RoomId, range: HistoryRange): Promise<HistoryEntry[]> {
    const page = await this.repository.page(roomId, range);
    this.fill(roomId, page, range);
    return page.entries;
  }

  /** A fill that is older than what was appended meanwhile is refused. */
  private fill(roomId: RoomId, { entries, from, to }: Page, { historyEpoch }: HistoryRange): void {
    const known = this.windows.peek(roomId);
    const isSame = known?.historyEpoch === historyEpoch;
    if (known !== undefined && isSame && known.to >= to && known.from <= from) return;
    if (known !== undefined && isSame && known.to > to) return;
    const ttl = KEPT_MS * (1 + Math.random() / 2);
    this.windows.set(roomId, new HistoryWindow([...entries], from, to, historyEpoch), { ttl });
  }
}
