import { ChatError, type ReadCursor, type RoomId } from '@maru/contract';
import type { Line } from './connection.js';

/** What is read is said at once, then at most this often; in a large room so much more rarely for each member. */
const SAY_MS = 500;
const SAY_MS_PER_MEMBER = 2;

/** Says how far I have read, with the last word for sure. */
export class ReadSignal {
  private wanted = 0;
  private said = 0;
  private saying = false;
  private stopped = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly roomId: RoomId,
    private readonly connection: Line,
    private readonly members: () => number,
    private readonly answered: (cursor: ReadCursor) => void,
  ) {}

  read(seq: number): void {
    this.wanted = Math.max(this.wanted, seq);
    if (this.timer === undefined) void this.say();
  }

  /** The connection is back: what was read while it was away is said now. */
  resume(): void {
    void this.say();
  }

  /** The room begins anew: what was read of it before says nothing. */
  reset(): void {
    this.wanted = this.said = 0;
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async say(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.saying || this.stopped || this.wanted <= this.said || !this.connection.online) return;
    const seq = this.wanted;
    let waitMs = SAY_MS + this.members() * SAY_MS_PER_MEMBER;
    this.saying = true;
    try {
      this.answered(await this.connection.request('room:read', { roomId: this.roomId, seq }));
      this.said = Math.max(this.said, seq);
    } catch (error) {
      if (!(error instanceof ChatError) || error.final) this.said = Math.max(this.said, seq);
      else waitMs = Math.max(waitMs, error.retryAfterMs ?? 0);
    }
    this.saying = false;
    if (!this.stopped) this.timer = setTimeout(() => void this.say(), waitMs);
  }
}
