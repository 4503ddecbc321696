import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  Client,
  credentials,
  type ClientDuplexStream,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  status,
} from '@grpc/grpc-js';
import { metrics, type Logger } from '@maru/observability';
import { FRAME_MAX, type Link, type Peer, QUEUE_MAX } from './link.js';
import { Nodes } from './frame.js';

const OPTIONS = {
  'grpc.max_receive_message_length': FRAME_MAX,
  'grpc.max_send_message_length': FRAME_MAX,
  'grpc.keepalive_time_ms': 2_000,
  'grpc.keepalive_timeout_ms': 1_500,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
};
const REDIAL_MS = 250;
/** Frames are encoded and decoded by the relay; this service moves bytes. */
const asIs = (bytes: Buffer): Buffer => bytes;
const EXCHANGE = {
  ...Nodes.Exchange,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
};

type Stream = ClientDuplexStream<Buffer, Buffer> | ServerDuplexStream<Buffer, Buffer>;

interface Channel {
  stream: Stream;
  /** Bytes that were written and did not leave yet. */
  waiting: number;
}

export interface GrpcLinkOptions {
  nodeName: string;
  /** Address that this end binds to and that others reach it at. */
  host: string;
  port: number;
  /** The same on every node. */
  secret: string;
}

/** One bidirectional stream per pair of nodes; whose name comes first dials. A peer that hangs only fills its own queue. */
export class GrpcLink implements Link {
  private readonly server = new Server(OPTIONS);
  private readonly channels = new Map<string, Channel>();
  private readonly dialled = new Map<string, { peer: Peer; client: Client; timer?: NodeJS.Timeout }>();
  private readonly password: string;
  private receive: (frame: Buffer) => void = () => {};
  private closed = false;

  constructor(
    private readonly options: GrpcLinkOptions,
    private readonly logger: Logger,
  ) {
    this.password = createHmac('sha256', options.secret).update('relay').digest('base64url');
  }

  async start(receive: (frame: Buffer) => void): Promise<string> {
    this.receive = receive;
    this.server.addService(
      { Exchange: EXCHANGE },
      { Exchange: (stream: ServerDuplexStream<Buffer, Buffer>) => this.answer(stream) },
    );
    const { host, port } = this.options;
    const bound = await new Promise<number>((resolve, reject) =>
      this.server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, at) =>
        error ? reject(error) : resolve(at),
      ),
    );
    return `${host}:${bound}`;
  }

  setPeers(peers: readonly Peer[]): void {
    const wanted = new Map(peers.filter(({ name }) => this.options.nodeName < name).map((peer) => [peer.name, peer]));
    for (const [name, { peer }] of this.dialled) {
      if (wanted.get(name)?.address !== peer.address) this.hangUp(name);
    }
    for (const [name, peer] of wanted) if (!this.dialled.has(name)) this.dial(peer);
  }

  send({ name }: Peer, frame: Buffer): void {
    const channel = this.channels.get(name);
    if (channel === undefined || frame.length > FRAME_MAX || channel.waiting + frame.length > QUEUE_MAX) {
      metrics.relayFramesDropped.inc();
      return;
    }
    channel.waiting += frame.length;
    channel.stream.write(frame, () => (channel.waiting -= frame.length));
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const name of this.dialled.keys()) this.hangUp(name);
    for (const { stream } of this.channels.values()) end(stream);
    this.server.forceShutdown();
  }

  private dial(peer: Peer): void {
    const client = new Client(peer.address, credentials.createInsecure(), OPTIONS);
    const entry: { peer: Peer; client: Client; timer?: NodeJS.Timeout } = { peer, client };
    this.dialled.set(peer.name, entry);
    const open = (): void => {
      if (this.closed || this.dialled.get(peer.name) !== entry) return;
      const metadata = new Metadata();
      metadata.set('maru-node', this.options.nodeName);
      metadata.set('maru-secret', this.password);
      const stream = client.makeBidiStreamRequest(EXCHANGE.path, asIs, asIs, metadata);
      this.attach(peer.name, stream, () => (entry.timer = setTimeout(open, REDIAL_MS)));
    };
    open();
  }

  private hangUp(name: string): void {
    const entry = this.dialled.get(name);
    if (entry === undefined) return;
    this.dialled.delete(name);
    clearTimeout(entry.timer);
    entry.client.close();
    const channel = this.channels.get(name);
    if (channel !== undefined) end(channel.stream);
  }

  private answer(stream: ServerDuplexStream<Buffer, Buffer>): void {
    const [name] = stream.metadata.get('maru-node');
    const [given] = stream.metadata.get('maru-secret');
    if (typeof name !== 'string' || typeof given !== 'string' || !this.isSecret(given)) {
      this.logger.warn('a stranger called the relay');
      stream.destroy(Object.assign(new Error('unauthenticated'), { code: status.UNAUTHENTICATED }));
      return;
    }
    this.attach(name, stream, () => {});
  }

  private attach(name: string, stream: Stream, lost: () => void): void {
    const before = this.channels.get(name);
    const channel: Channel = { stream, waiting: 0 };
    this.channels.set(name, channel);
    if (before !== undefined) end(before.stream);
    let over = false;
    const ended = (): void => {
      if (over) return;
      over = true;
      if (this.channels.get(name) === channel) this.channels.delete(name);
      end(stream);
      if (!this.closed) lost();
    };
    stream.on('data', (frame: Buffer) => this.receive(frame));
    stream.on('error', (error: Error) => {
      this.logger.debug({ peer: name, reason: error.message }, 'a stream between nodes ended');
      ended();
    });
    stream.on('end', ended);
    stream.on('close', ended);
    stream.on('cancelled', ended);
  }

  private isSecret(given: string): boolean {
    const [a, b] = [Buffer.from(given), Buffer.from(this.password)];
    return a.length === b.length && timingSafeEqual(a, b);
  }
}

function end(stream: Stream): void {
  if ('cancel' in stream) stream.cancel();
  else stream.end();
}
