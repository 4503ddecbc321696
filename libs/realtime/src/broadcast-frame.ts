import type { FactName, FactPayload } from '@maru/contract';

/** Engine.IO "message" (4) that carries a Socket.IO "event" (2) of the default namespace. */
const EVENT = '42';

/** A complete, unmasked WebSocket text frame (RFC 6455, section 5.2), ready to be written to the TCP socket. */
export function webSocketFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const bytes = Buffer.allocUnsafe(header + length);
  bytes[0] = 0x81;
  if (header === 2) bytes[1] = length;
  else if (header === 4) {
    bytes[1] = 126;
    bytes.writeUInt16BE(length, 2);
  } else {
    bytes[1] = 127;
    bytes.writeBigUInt64BE(BigInt(length), 2);
  }
  bytes.write(text, header);
  return bytes;
}

/** One event, encoded once for every socket that gets it. */
export class BroadcastFrame<F extends FactName = FactName> {
  readonly bytes: Buffer;

  constructor(
    readonly event: F,
    readonly payload: FactPayload<F>,
  ) {
    this.bytes = webSocketFrame(EVENT + JSON.stringify([event, payload]));
  }
}
