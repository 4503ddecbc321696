import type { RoomId, RoomReads } from '@maru/contract';
import { ReadCursors, type Step, type Version } from '@maru/read-cursors';
import { BroadcastFrame } from '@maru/realtime';
import { Relay } from '@maru/relay';
import { LogDelivery } from '@maru/room-log';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';

/** What somebody read travels together with what others read in this time, milliseconds. */
const GATHER_MS = 150;
/** In a room that many look at here, frames are rarer: so many a second at most, over all who look. */
const FRAMES_PER_SECOND = 2_000;
/** Steps of one frame. Beyond that it only says that there were some, and who looks reads the numbers again. */
const RANGES_MAX = 200;
/** How often viewers are told the newest version of their room, if it is not the one they were told last. */
const COMPARE_MS = 5_000;
const ROOMS_PER_READ = 500;
/** Of a room whose cursors are not loaded: whoever looks reads the numbers again. */
const NOT_LOADED = { generation: '', version: 0 };

interface Gathered extends Version {
  steps: Step[];
  timer: NodeJS.Timeout;
}

/**
 * Tells those who look at a room how far others have read, a few times a second and never once for each message. Steps
 * may get lost on the way: now and then versions are compared with what viewers were told.
 */
@Injectable()
export class ReadRanges implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly gathered = new Map<RoomId, Gathered>();
  private told = new Map<RoomId, Version>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly delivery: LogDelivery,
    private readonly relay: Relay,
    private readonly cursors: ReadCursors,
  ) {
    relay.listen({ signal: (signal) => signal.kind === 'reads' && this.tellHere(signal.reads) });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.compare(), COMPARE_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    for (const roomId of this.gathered.keys()) this.flush(roomId);
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
    const { roomId, generation, version } = reads;
    let frame: BroadcastFrame | undefined;
    for (const viewer of this.delivery.viewers(roomId)) {
      viewer.send((frame ??= new BroadcastFrame('room:reads', reads)));
    }
    if (frame === undefined) return;
    const known = this.told.get(roomId);
    const newest = known?.generation === generation ? Math.max(known.version, version) : version;
    this.told.set(roomId, { generation, version: newest });
  }

  private async compare(): Promise<void> {
    const rooms = this.delivery.viewedRooms();
    this.told = new Map(rooms.flatMap((room) => (this.told.has(room) ? [[room, this.told.get(room) as Version]] : [])));
    try {
      for (let i = 0; i < rooms.length; i += ROOMS_PER_READ) {
        const some = rooms.slice(i, i + ROOMS_PER_READ);
        const versions = await this.cursors.versions(some);
        for (const roomId of some) this.tellIfBehind(roomId, versions.get(roomId) ?? NOT_LOADED);
      }
    } catch {
      // Redis is away: its cursors are compared when it is back
    }
  }

  private tellIfBehind(roomId: RoomId, now: Version): void {
    const known = this.told.get(roomId);
    if (known?.generation === now.generation && known.version >= now.version) return;
    this.tellHere({ roomId, ...now, ranges: [] });
  }
}
