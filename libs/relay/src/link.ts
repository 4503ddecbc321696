/** A node as others find it. */
export interface Peer {
  name: string;
  /** New with each start of that node. */
  incarnation: string;
  /** What a link needs to reach it. */
  address: string;
}

/** Encoded frames larger than this are neither sent nor taken, bytes. */
export const FRAME_MAX = 4 * 1024 * 1024;
/** Bytes that may wait for one peer; what would be more is dropped, and read from the log by whoever misses it. */
export const QUEUE_MAX = 8 * 1024 * 1024;

/** Moves frames between nodes. Nothing here throws or is waited for: what cannot be sent is counted and dropped. */
export interface Link {
  /** Resolves to the address under which peers reach this end. */
  start(receive: (frame: Buffer) => void): Promise<string>;
  setPeers(peers: readonly Peer[]): void;
  send(peer: Peer, frame: Buffer): void;
  close(): Promise<void>;
}
