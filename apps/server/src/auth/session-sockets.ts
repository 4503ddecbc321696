import { ChatError, type SessionId } from '@maru/contract';
import { Injectable } from '@nestjs/common';
import { metrics } from '@maru/observability';
import type { Viewer } from '@maru/realtime';

/** Longer than an access token lives, milliseconds. */
const REMEMBERED_MS = 15 * 60_000;

/** The sockets of this node by session and person, and which sessions have ended here. */
@Injectable()
export class SessionSockets {
  private readonly bySession = new Map<SessionId, Set<Viewer>>();
  private readonly countByUser = new Map<string, number>();
  private readonly endedAt = new Map<SessionId, number>();

  /** Throws `unauthenticated` if the session has ended while the handshake was under way. */
  add(viewer: Viewer): void {
    const { sessionId, userId } = viewer.identity;
    if (this.hasEnded(sessionId)) throw new ChatError('unauthenticated');
    const mine = this.bySession.get(sessionId) ?? new Set();
    this.bySession.set(sessionId, mine.add(viewer));
    this.countByUser.set(userId, this.count(userId) + 1);
    metrics.sessionsConnected.set(this.bySession.size);
  }

  remove(viewer: Viewer): void {
    const { sessionId, userId } = viewer.identity;
    const mine = this.bySession.get(sessionId);
    if (!mine?.delete(viewer)) return;
    if (mine.size === 0) this.bySession.delete(sessionId);
    metrics.sessionsConnected.set(this.bySession.size);
    const left = this.count(userId) - 1;
    if (left === 0) this.countByUser.delete(userId);
    else this.countByUser.set(userId, left);
  }

  count(userId: string): number {
    return this.countByUser.get(userId) ?? 0;
  }

  hasEnded(sessionId: SessionId): boolean {
    return this.endedAt.has(sessionId);
  }

  close(sessionId: SessionId): void {
    const now = Date.now();
    for (const [ended, at] of this.endedAt) {
      if (now - at < REMEMBERED_MS) break;
      this.endedAt.delete(ended);
    }
    this.endedAt.delete(sessionId);
    this.endedAt.set(sessionId, now);
    for (const viewer of this.bySession.get(sessionId) ?? []) viewer.close();
  }
}
