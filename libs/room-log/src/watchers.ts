import type { RoomId, UserId } from '@maru/contract';
import type { Viewer } from '@maru/realtime';
import { Recent } from './recent.js';

/** Sockets that watch all rooms of their person, and which rooms people have left: news of it may be late or early. */
export class Watchers {
  private readonly byUser = new Map<UserId, Set<Viewer>>();
  /** Rooms that the person has left since the socket began to watch, and at which seq. */
  private readonly leftRooms = new Map<Viewer, Map<RoomId, number>>();
  private readonly lastLeft = new Recent<string, number>(60_000, 50_000);

  add(viewer: Viewer): void {
    const { userId } = viewer.identity;
    const mine = this.byUser.get(userId) ?? new Set<Viewer>();
    this.byUser.set(userId, mine.add(viewer));
    if (!this.leftRooms.has(viewer)) this.leftRooms.set(viewer, new Map());
  }

  /** Returns whether it watched. */
  delete(viewer: Viewer): boolean {
    const { userId } = viewer.identity;
    this.leftRooms.delete(viewer);
    const mine = this.byUser.get(userId);
    if (!mine?.delete(viewer)) return false;
    if (mine.size === 0) this.byUser.delete(userId);
    return true;
  }

  of(userId: UserId): Iterable<Viewer> {
    return this.byUser.get(userId) ?? [];
  }

  left(userId: UserId, roomId: RoomId, seq: number): void {
    const key = roomId + userId;
    this.lastLeft.set(key, Math.max(seq, this.lastLeft.get(key) ?? 0));
    for (const viewer of this.of(userId)) this.leftRooms.get(viewer)?.set(roomId, seq);
  }

  /** A join at this seq is news of yesterday: the person has left again. */
  hasLeftSince(userId: UserId, roomId: RoomId, seq: number): boolean {
    return (this.lastLeft.get(roomId + userId) ?? 0) > seq;
  }

  /** A list of rooms that was read at this head of the room is to be believed: the socket watches, and nobody left since. */
  believes(viewer: Viewer, roomId: RoomId, head: number): boolean {
    const left = this.leftRooms.get(viewer);
    return left !== undefined && (left.get(roomId) ?? 0) <= head;
  }
}
