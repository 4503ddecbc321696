import type { Entry, RoomId } from '@maru/contract';
import { LRUCache } from 'lru-cache';
import type { RoomCount } from './commit-statements.js';
import type { Head } from './log-types.js';
import { Recent } from './recent.js';

const ROOMS = 50_000;
/** A room that others wrote to as well is asked for at each commit for at least so long, milliseconds. */
const SHARED_MS = 60_000;

/** Where the logs of rooms end, as far as this node's own commits tell. The transaction finds out whether it is still so. */
export class KnownHeads {
  private readonly heads = new LRUCache<RoomId, Head>({ max: ROOMS });
  private readonly shared = new Recent<RoomId, true>(SHARED_MS, ROOMS);

  /** The heads of these rooms; undefined unless each is known, and under the epoch that was checked. */
  of(rooms: readonly RoomCount[]): Map<RoomId, Head> | undefined {
    const heads = new Map<RoomId, Head>();
    for (const { roomId, epoch } of rooms) {
      const head = this.heads.get(roomId);
      if (head?.rightsEpoch !== epoch || this.shared.get(roomId) === true) return undefined;
      heads.set(roomId, head);
    }
    return heads;
  }

  set(head: Head): void {
    this.heads.set(head.roomId, head);
  }

  /** What was read now. A room that is elsewhere than it was believed to be is written to by others, too. */
  correct(head: Head, count: number): void {
    const believed = this.heads.peek(head.roomId);
    if (believed !== undefined && believed.seq !== head.seq - count) this.shared.set(head.roomId, true);
  }

  /** Committed on this node, by the writer or by somebody else: then the head is asked for once more. */
  committed(roomId: RoomId, entries: readonly Entry[]): void {
    const head = this.heads.peek(roomId);
    if (head !== undefined && (entries.at(-1)?.seq ?? 0) > head.seq) this.heads.delete(roomId);
  }
}
