import type { Entry, RoomId, RoomMine, RoomReads, UserId } from '@maru/contract';
import { metrics, type Logger } from '@maru/observability';
import { decodeFrame, encodeFrame, type Frame, type Serving } from './frame.js';
import type { Link, Peer } from './link.js';
import type { NodeDirectory } from './node-directory.js';

/** Told to other nodes and never stored. The first to be dropped. */
export type Signal =
  | { kind: 'typing'; roomId: RoomId; userId: UserId; typing: boolean }
  /** What is known of these people's presence is out of date. */
  | { kind: 'presence'; userIds: UserId[] }
  /** Members of a room have read on. */
  | { kind: 'reads'; reads: RoomReads }
  | MineSignal;

/** People's own sides of rooms changed: for their other devices. */
export interface MineSignal {
  kind: 'mine';
  told: readonly { userId: UserId; mine: RoomMine }[];
}

/** The room whose viewers a signal is for; undefined: every node may have somebody who wants it. */
function roomOf(signal: Signal): RoomId | undefined {
  if (signal.kind === 'typing') return signal.roomId;
  return signal.kind === 'reads' ? signal.reads.roomId : undefined;
}

export interface RelayListener {
  entries(roomId: RoomId, entries: readonly Entry[]): void;
  signal(signal: Signal): void;
}

/** A frame costs both nodes about as much as delivering to three sockets. */
const GATHER_MS = 5;
const HEARTBEAT_MS = 400;
/** A peer that was not heard for this long is missed: until it is back, rooms are compared with the log more often. */
const SILENCE_MS = 1_200;
/** A peer that has no lease and was not heard for this long is forgotten. */
const FORGET_MS = 3_000;
/** At most so often one peer is asked for everything it serves, milliseconds. */
const RESYNC_MS = 200;
/** Characters of entries in one frame. */
const FRAME_CHARS = 512 * 1024;

interface Known {
  peer: Peer;
  /** Rooms it serves; undefined until it has said so, and then it is told everything. */
  rooms: Set<string> | undefined;
  version: number;
  heardAt: number;
  askedAt: number;
}

interface Batch {
  entries: string[];
  /** For every node, whatever it serves. */
  everywhere: boolean;
}

/**
 * Tells other nodes what was committed here, and takes what was committed there. A tick's commits go as one frame to
 * each node that serves one of their rooms. All of it is a hint: the log has what gets lost.
 */
export class Relay {
  private readonly peers = new Map<string, Known>();
  private readonly serving = new Set<RoomId>();
  private version = 0;
  private added = new Set<RoomId>();
  private removed = new Set<RoomId>();
  private batches = new Map<RoomId, Batch>();
  private signals: Signal[] = [];
  private scheduled = false;
  private flushedAt = Number.NEGATIVE_INFINITY;
  private readonly listeners: Partial<RelayListener>[] = [];
  private heartbeat: NodeJS.Timeout | undefined;

  constructor(
    private readonly self: { name: string; incarnation: string },
    private readonly link: Link,
    private readonly directory: NodeDirectory,
    private readonly logger: Logger,
  ) {}

  /** Call before start. */
  listen(listener: Partial<RelayListener>): void {
    this.listeners.push(listener);
  }

  async start(): Promise<void> {
    const address = await this.link.start((bytes) => this.receive(bytes));
    this.directory.start({ ...this.self, address }, (peers) => this.setPeers(peers));
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.heartbeat);
    await this.directory.close();
    this.flush();
    await this.link.close();
  }

  /** A known node is not heard of, or there may be nodes that we do not know: what they commit may not reach us. */
  get broken(): boolean {
    if (this.directory.away) return true;
    const since = performance.now() - SILENCE_MS;
    return [...this.peers.values()].some(({ heardAt }) => heardAt < since);
  }

  /** There are other nodes to come back to. */
  get hasPeers(): boolean {
    return this.peers.size > 0;
  }

  /** From now on this node wants to be told of the room. What was committed until the peers know is read from the log. */
  serve(roomId: RoomId): void {
    this.serving.add(roomId);
    if (!this.removed.delete(roomId)) this.added.add(roomId);
    this.schedule();
  }

  unserve(roomId: RoomId): void {
    this.serving.delete(roomId);
    if (!this.added.delete(roomId)) this.removed.add(roomId);
    this.schedule();
  }

  publish(roomId: RoomId, entries: readonly Entry[], everywhere = false): void {
    if (this.peers.size === 0) return;
    const batch = this.batches.get(roomId) ?? { entries: [], everywhere: false };
    for (const entry of entries) batch.entries.push(JSON.stringify(entry));
    batch.everywhere ||= everywhere;
    this.batches.set(roomId, batch);
    this.schedule();
  }

  signal(signal: Signal): void {
    if (this.peers.size === 0) return;
    this.signals.push(signal);
    this.schedule();
  }

  /** At once after a quiet moment; under load what comes within GATHER_MS travels together. */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    const waitMs = this.flushedAt + GATHER_MS - performance.now();
    if (waitMs <= 0) setImmediate(() => this.flush());
    else setTimeout(() => this.flush(), waitMs);
  }

  private flush(): void {
    this.scheduled = false;
    this.flushedAt = performance.now();
    const [batches, signals] = [this.batches, this.signals];
    [this.batches, this.signals] = [new Map(), []];
    const serving = this.changes();
    for (const known of this.peers.values()) this.tell(known, serving, batches, signals);
  }

  private tell(
    known: Known,
    serving: Serving | undefined,
    batches: ReadonlyMap<RoomId, Batch>,
    signals: readonly Signal[],
  ): void {
    let frame: Frame = this.frame(serving === undefined ? {} : { serving });
    let chars = 0;
    for (const signal of signals) {
      const roomId = roomOf(signal);
      if (roomId === undefined || serves(known, roomId)) (frame.signals ??= []).push(JSON.stringify(signal));
    }
    for (const [roomId, { entries, everywhere }] of batches) {
      if (!everywhere && !serves(known, roomId)) continue;
      metrics.relayEntries.inc({ direction: 'out' }, entries.length);
      (frame.rooms ??= []).push({ roomId, entries });
      for (const entry of entries) chars += entry.length;
      if (chars < FRAME_CHARS) continue;
      this.send(known, frame);
      frame = this.frame();
      chars = 0;
    }
    if (frame.serving || frame.rooms !== undefined || frame.signals !== undefined) this.send(known, frame);
  }

  /** What changed in the rooms that this node serves, as one step of its version. */
  private changes(): Serving | undefined {
    if (this.added.size === 0 && this.removed.size === 0) return undefined;
    const step = {
      base: this.version++,
      version: this.version,
      full: false,
      added: [...this.added],
      removed: [...this.removed],
    };
    [this.added, this.removed] = [new Set(), new Set()];
    return step;
  }

  /** Says that this node is there and how far its version is, so that who missed a step asks for all. */
  private beat(): void {
    const { version } = this;
    for (const known of this.peers.values()) {
      this.send(known, this.frame({ serving: { base: version, version, full: false, added: [], removed: [] } }));
    }
    metrics.relayBroken.set(this.broken ? 1 : 0);
  }

  private everything(): Frame {
    const added = [...this.serving].filter((roomId) => !this.added.has(roomId));
    return this.frame({
      serving: { base: 0, version: this.version, full: true, added: [...added, ...this.removed], removed: [] },
    });
  }

  private receive(bytes: Buffer): void {
    let frame: Frame;
    try {
      frame = decodeFrame(bytes);
    } catch (error) {
      this.logger.warn({ reason: (error as Error).message }, 'an unreadable frame of another node');
      return;
    }
    const known = this.peers.get(frame.from);
    if (known === undefined || known.peer.incarnation !== frame.incarnation) return;
    known.heardAt = performance.now();
    if (frame.serving) this.learn(known, frame.serving);
    if (frame.resync) this.send(known, this.everything());
    let oldest = Number.POSITIVE_INFINITY;
    for (const { roomId, entries } of frame.rooms ?? []) {
      metrics.relayEntries.inc({ direction: 'in' }, entries.length);
      const parsed = entries.map((entry) => JSON.parse(entry) as Entry);
      oldest = Math.min(oldest, parsed[0]?.createdAt ?? oldest);
      for (const listener of this.listeners) listener.entries?.(roomId as RoomId, parsed);
    }
    if (Number.isFinite(oldest)) metrics.relayLag.observe(Math.max(0, Date.now() - oldest) / 1_000);
    for (const text of frame.signals ?? []) {
      const signal = JSON.parse(text) as Signal;
      for (const listener of this.listeners) listener.signal?.(signal);
    }
  }

  private learn(known: Known, { base, version, full, added, removed }: Serving): void {
    if (full) known.rooms = new Set(added);
    else if (known.rooms === undefined || base !== known.version) {
      if (known.rooms !== undefined && version === known.version) return;
      known.rooms = undefined;
      const now = performance.now();
      if (now - known.askedAt < RESYNC_MS) return;
      known.askedAt = now;
      return this.send(known, this.frame({ resync: true }));
    } else {
      for (const room of added) known.rooms.add(room);
      for (const room of removed) known.rooms.delete(room);
    }
    known.version = version;
  }

  private setPeers(listed: readonly Peer[]): void {
    const names = new Set(listed.map(({ name }) => name));
    // a Redis that lost everything lists nobody: who is heard is there
    const gone = performance.now() - FORGET_MS;
    for (const [name, { heardAt }] of this.peers) if (!names.has(name) && heardAt < gone) this.peers.delete(name);
    for (const peer of listed) {
      if (this.peers.get(peer.name)?.peer.incarnation === peer.incarnation) continue;
      this.peers.set(peer.name, {
        peer,
        rooms: undefined,
        version: 0,
        heardAt: performance.now(),
        askedAt: Number.NEGATIVE_INFINITY,
      });
    }
    this.link.setPeers([...this.peers.values()].map(({ peer }) => peer));
    metrics.relayPeers.set(this.peers.size);
  }

  private frame(content: Partial<Frame> = {}): Frame {
    return { from: this.self.name, incarnation: this.self.incarnation, ...content };
  }

  private send({ peer }: Known, frame: Frame): void {
    this.link.send(peer, encodeFrame(frame));
  }
}

const serves = ({ rooms }: Known, roomId: RoomId): boolean => rooms === undefined || rooms.has(roomId);
