import type { Entry, RoomId, RoomReads } from '@maru/contract';
import type { Line } from './connection.js';
import { UnreadCounts } from './unread-counts.js';

/** How long a step may be missing before the numbers are read anew: other nodes gather theirs for two seconds. */
const GAP_MS = 4_000;
/** Numbers are read at most this often, and in a large room so much more rarely for each member, milliseconds. */
const READ_MS = 300;
const READ_MS_PER_MEMBER = 2;
/** Frames that are kept for numbers that are being read: these may be as old as the server gathers steps. */
const LATELY_MAX = 100;

/** The unread numbers of one room while somebody looks at it: reads them, keeps them up to date, reads them anew. */
export class RoomNumbers {
  private readonly counts = new UnreadCounts();
  private lately: RoomReads[] = [];
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

  receive(reads: RoomReads): void {
    this.lately = [...this.lately, reads].slice(-LATELY_MAX);
    if (this.counts.generation === undefined) return;
    if (!this.counts.apply(reads.generation, reads.version, reads.ranges)) return this.readIn(this.pauseMs());
    this.changed(this.counts.numbers);
    this.watchGap();
  }

  private watchGap(): void {
    if (!this.counts.hasGap) return;
    this.gapTimer ??= setTimeout(() => {
      this.gapTimer = undefined;
      if (this.counts.hasGap) this.readIn(this.pauseMs());
    }, GAP_MS);
  }

  /** Nobody looks any more; what is known is out of date from now on. */
  stop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.gapTimer);
    this.timer = this.gapTimer = undefined;
    this.counts.generation = undefined;
    this.lately = [];
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
    const newest = this.lately.at(-1)?.generation;
    try {
      const read = await this.connection.request('unread:read', { roomId: this.roomId, from: before.from });
      const now = this.shown();
      if (now === undefined) return;
      this.from = before.from;
      this.counts.start(read, now.entries, this.lately);
      this.changed(this.counts.numbers);
      this.watchGap();
      // they were counted anew while the answer was on its way
      const latest = this.lately.at(-1)?.generation;
      this.again ||= latest !== newest && latest !== undefined && latest !== read.generation;
    } catch {
      this.again = this.connection.online;
    } finally {
      this.reading = false;
      if (this.again) this.readIn(this.pauseMs() + READ_MS);
      this.again = false;
    }
  }
}
