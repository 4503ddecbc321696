import type { RoomId, UserId } from '@maru/contract';
import type { Line } from './connection.js';

/** How often somebody who goes on typing says so, and how long that counts, milliseconds. */
const SAY_MS = 3_000;
const EXPIRES_MS = 6_000;

export interface Typing {
  userIds: readonly UserId[];
  more: boolean;
}

export const NOBODY: Typing = { userIds: [], more: false };

/** Says that I am typing, and forgets what others said when they say it no more. */
export class TypingSignal {
  private saidAt = Number.NEGATIVE_INFINITY;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly roomId: RoomId,
    private readonly connection: Line,
    private readonly show: (typing: Typing) => void,
  ) {}

  /** Call with every key. */
  typed(): void {
    const now = performance.now();
    if (now - this.saidAt < SAY_MS || !this.connection.online) return;
    this.saidAt = now;
    this.say(true);
  }

  stopped(): void {
    if (this.saidAt === Number.NEGATIVE_INFINITY || !this.connection.online) return;
    this.saidAt = Number.NEGATIVE_INFINITY;
    this.say(false);
  }

  othersType(typing: Typing): void {
    clearTimeout(this.timer);
    this.show(typing);
    if (typing.userIds.length > 0) this.timer = setTimeout(() => this.show(NOBODY), EXPIRES_MS);
  }

  forget(): void {
    clearTimeout(this.timer);
    this.show(NOBODY);
  }

  private say(typing: boolean): void {
    this.connection.request('typing:set', { roomId: this.roomId, typing }).catch(() => {});
  }
}
