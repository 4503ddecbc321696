import type { Entry, ReadRange, RoomId, RoomReads } from '@maru/contract';
import type { Line } from './connection.js';
import { UnreadCounts } from './unread-counts.js';

/** How long a step may be missing before the numbers are read anew: other nodes gather theirs for a second. */
const GAP_MS = 2_500;
/** Numbers are read at most this often, and in a large room so much more rarely for each member, milliseconds. */
const READ_MS = 300;
const READ_MS_PER_MEMBER = 2;
/** Steps that are kept while numbers are being read. */
const SINCE_MAX = 1_000;

/** The unread numbers of one room while somebody looks at it: reads them, keeps them up to date, reads them anew. */
export class RoomNumbers {
  private readonly counts = new UnreadCounts();
  private since: ReadRange[] = [];
  private reading = false;
  private again = false;
  private from = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private gapTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly roomId: RoomId,
    private readonly connection: Line,
    /** What is shown, and from which seq on numbers are wanted. */
    private readonly shown: () => { entries: readonly Entry[]; from: number } | undefined,
    private readonly changed: (numbers: ReadonlyMap<number, number>) => void,
  ) {}

  /** Members of the room, as far as it is known. */
  get members(): number {
    return this.counts.members;
  }

  /** The room was opened, or more of it is shown than before. */
  opened(): void {
    this.readIn(0);
  }

  shownFrom(from: number): void {
    if (from < this.from) this.readIn(READ_MS);
  }

  arrived(entries: readonly Entry[]): void {
    if (this.counts.generation === undefined) return;
    this.counts.arrived(entries);
    this.changed(this.counts.numbers);
  }

  receive({ generation, version, ranges }: RoomReads): void {
    if (this.reading) this.since = [...this.since, ...ranges].slice(-SINCE_MAX);
    if (this.counts.generation === undefined) return;
    if (!this.counts.apply(generation, version, ranges)) return this.readIn(this.pauseMs());
    this.changed(this.counts.numbers);
    if (this.counts.hasGap) {
      this.gapTimer ??= setTimeout(() => {
        this.gapTimer = undefined;
        if (this.counts.hasGap) this.readIn(this.pauseMs());
      }, GAP_MS);
    }
  }

  /** Nobody looks any more; what is known is out of date from now on. */
  stop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.gapTimer);
    this.timer = this.gapTimer = undefined;
    this.counts.generation = undefined;
  }

  /** Not everybody in a large room asks at the same time. */
  private pauseMs(): number {
    return READ_MS + Math.random() * this.counts.members * READ_MS_PER_MEMBER;
  }

  private readIn(ms: number): void {
    if (this.reading) this.again = true;
    else this.timer ??= setTimeout(() => void this.read(), ms);
  }

  private async read(): Promise<void> {
    this.timer = undefined;
    const before = this.shown();
    if (before === undefined || !this.connection.online) return;
    this.reading = true;
    this.since = [];
    try {
      const read = await this.connection.request('unread:read', { roomId: this.roomId, from: before.from });
      const now = this.shown();
      if (now === undefined) return;
      this.from = before.from;
      this.counts.start(read, now.entries, this.since);
      this.changed(this.counts.numbers);
    } catch {
      this.again = this.connection.online;
    } finally {
      this.reading = false;
      if (this.again) this.readIn(this.pauseMs() + READ_MS);
      this.again = false;
    }
  }
}
