import type { SessionId } from '@maru/contract';
import { Injectable } from '@nestjs/common';
import type { Viewer } from '@maru/realtime';

/** The sockets of this node by session and person. */
@Injectable()
export class SessionSockets {
  private readonly bySession = new Map<SessionId, Set<Viewer>>();
  private readonly countByUser = new Map<string, number>();

  add(viewer: Viewer): void {
    const { sessionId, userId } = viewer.identity;
    const mine = this.bySession.get(sessionId) ?? new Set();
    this.bySession.set(sessionId, mine.add(viewer));
    this.countByUser.set(userId, this.count(userId) + 1);
  }

  remove(viewer: Viewer): void {
    const { sessionId, userId } = viewer.identity;
    const mine = this.bySession.get(sessionId);
    if (!mine?.delete(viewer)) return;
    if (mine.size === 0) this.bySession.delete(sessionId);
    const left = this.count(userId) - 1;
    if (left === 0) this.countByUser.delete(userId);
    else this.countByUser.set(userId, left);
  }

  count(userId: string): number {
    return this.countByUser.get(userId) ?? 0;
  }

  close(sessionId: SessionId): void {
    for (const viewer of this.bySession.get(sessionId) ?? []) viewer.close();
  }
}
