import type { RoomId, RoomReads } from '@maru/contract';
import type { Step } from '@maru/read-cursors';
import { BroadcastFrame } from '@maru/realtime';
import { Relay } from '@maru/relay';
import { LogDelivery } from '@maru/room-log';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';

/** What somebody read travels together with what others read in this time, milliseconds. */
const GATHER_MS = 150;
/** In a room that many look at here, frames are rarer: so many a second at most, over all who look. */
const FRAMES_PER_SECOND = 2_000;
/** Steps of one frame. Beyond that it only says that there were some, and who looks reads the numbers again. */
const RANGES_MAX = 200;

interface Gathered {
  generation: string;
  version: number;
  steps: Step[];
  timer: NodeJS.Timeout;
}

/** Tells those who look at a room how far others have read, a few times a second and never once for each message. */
@Injectable()
export class ReadRanges implements OnApplicationShutdown {
  private readonly gathered = new Map<RoomId, Gathered>();

  constructor(
    private readonly delivery: LogDelivery,
    private readonly relay: Relay,
  ) {
    relay.listen({ signal: (signal) => signal.kind === 'reads' && this.tellHere(signal.reads) });
  }

  onApplicationShutdown(): void {
    for (const { timer } of this.gathered.values()) clearTimeout(timer);
  }

  add(roomId: RoomId, step: Step): void {
    const known = this.gathered.get(roomId);
    if (known !== undefined && known.generation !== step.generation) this.flush(roomId);
    const gathered = this.gathered.get(roomId) ?? this.gather(roomId, step.generation);
    gathered.version = Math.max(gathered.version, step.version);
    gathered.steps.push(step);
  }

  private gather(roomId: RoomId, generation: string): Gathered {
    const viewers = [...this.delivery.viewers(roomId)].length;
    const waitMs = Math.max(GATHER_MS, (viewers * 1_000) / FRAMES_PER_SECOND);
    const gathered = { generation, version: 0, steps: [], timer: setTimeout(() => this.flush(roomId), waitMs) };
    this.gathered.set(roomId, gathered);
    return gathered;
  }

  private flush(roomId: RoomId): void {
    const gathered = this.gathered.get(roomId);
    if (gathered === undefined) return;
    this.gathered.delete(roomId);
    clearTimeout(gathered.timer);
    const { generation, version, steps } = gathered;
    const ranges =
      steps.length > RANGES_MAX
        ? []
        : steps.map(({ version: at, userId, from, to }) => ({ version: at, userId, from, to }));
    const reads = { roomId, generation, version, ranges };
    this.tellHere(reads);
    this.relay.signal({ kind: 'reads', reads });
  }

  private tellHere(reads: RoomReads): void {
    let frame: BroadcastFrame | undefined;
    for (const viewer of this.delivery.viewers(reads.roomId)) {
      viewer.send((frame ??= new BroadcastFrame('room:reads', reads)));
    }
  }
}
