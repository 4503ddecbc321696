import { fileURLToPath } from 'node:url';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** The messages of relay.proto, as this code sees them. */
export interface Frame {
  from: string;
  incarnation: string;
  resync?: boolean;
  serving?: Serving | null;
  rooms?: { roomId: string; entries: string[] }[];
  signals?: string[];
}

export interface Serving {
  base: number;
  version: number;
  full: boolean;
  added: string[];
  removed: string[];
}

const { 'maru.relay.Nodes': service } = loadSync(fileURLToPath(new URL('../src/relay.proto', import.meta.url)), {
  longs: Number,
  defaults: true,
  arrays: true,
});
export const Nodes = service as unknown as ServiceDefinition & { Exchange: MethodDefinition<Frame, Frame> };

export const encodeFrame = (frame: Frame): Buffer => Nodes.Exchange.requestSerialize(frame);
/** Throws on what is no frame. */
export const decodeFrame = (bytes: Buffer): Frame => Nodes.Exchange.requestDeserialize(bytes);
