import { randomBytes } from 'node:crypto';
import { Latencies } from './latencies.ts';

export interface LedgerOptions {
  clients: number;
  /** Messages that one client sends at most; memory is taken for all of them at once. */
  perClient: number;
  /** Which room a client is in; what arrives must come from there. */
  roomOf: (client: number) => number;
}

const UNANSWERED = 0;
const REFUSED = -1;

/**
 * What every client was to send, what became of it, and what was shown to whom. A message carries its sender and number in
 * its id, so each delivery is told from every other. Times count from when the message was due, not from when it was sent:
 * a generator or a server that stalls does not hide the wait (coordinated omission).
 */
export class Ledger {
  /** From due to acknowledged. */
  readonly acks = new Latencies();
  /** From due to shown, at each receiver. */
  readonly deliveries = new Latencies();
  /** From due to written: what the generator itself was late. */
  readonly lag = new Latencies();
  readonly refusals: Record<string, number> = {};
  readonly sentBySecond: number[] = [];
  readonly refusedBySecond: number[] = [];
  sent = 0;
  acked = 0;
  refused = 0;
  delivered = 0;
  /** Answered twice, or shown at another place than was acknowledged, or from another room, or unreadable. */
  faults = { answeredTwice: 0, misplaced: 0, strange: 0 };
  private readonly options: LedgerOptions;
  private readonly due: Float64Array;
  private readonly ackSeq: Int32Array;
  private readonly ownSeq: Int32Array;
  private readonly counts: Uint32Array;
  private readonly random = randomBytes(4).toString('hex');
  /** What is due before is not timed. */
  private from = 0;

  constructor(options: LedgerOptions) {
    this.options = options;
    const slots = options.clients * options.perClient;
    this.due = new Float64Array(slots);
    this.ackSeq = new Int32Array(slots);
    this.ownSeq = new Int32Array(slots);
    this.counts = new Uint32Array(options.clients);
  }

  get answered(): number {
    return this.acked + this.refused;
  }

  /** Times count from now on; seconds are counted from here. */
  timeFrom(at: number): void {
    this.from = at;
  }

  /** The number, from 1, and id of the client's next message, due at that time. */
  next(client: number, dueAt: number, now: number): { number: number; id: string } {
    const place = this.counts[client] as number;
    if (place >= this.options.perClient) throw new Error(`client ${client} sends more than ${this.options.perClient}`);
    this.counts[client] = place + 1;
    this.due[client * this.options.perClient + place] = dueAt;
    this.sent++;
    const second = this.secondOf(dueAt);
    if (second >= 0) {
      this.sentBySecond[second] = (this.sentBySecond[second] ?? 0) + 1;
      this.lag.record(second, now - dueAt);
    }
    return { number: place + 1, id: this.idOf(client, place) };
  }

  /** `43<number>[{"ok":true,"data":{…"seq":n…}}]` */
  answer(client: number, number: number, ok: boolean, text: string, at: number): void {
    const slot = client * this.options.perClient + number - 1;
    if (this.ackSeq[slot] !== UNANSWERED) return void this.faults.answeredTwice++;
    const second = this.secondOf(this.due[slot] as number);
    if (!ok) {
      const code = /"code":"([^"]*)"/.exec(text)?.[1] ?? 'unreadable';
      this.refusals[code] = (this.refusals[code] ?? 0) + 1;
      this.ackSeq[slot] = REFUSED;
      this.refused++;
      if (second >= 0) this.refusedBySecond[second] = (this.refusedBySecond[second] ?? 0) + 1;
      return;
    }
    const seq = numberAfter(text, '"seq":', 0);
    this.ackSeq[slot] = seq;
    this.acked++;
    const shown = this.ownSeq[slot] as number;
    if (shown !== 0 && shown !== seq) this.faults.misplaced++;
    if (second >= 0) this.acks.record(second, at - (this.due[slot] as number));
  }

  /** `42["room:entries",{…"entries":[{…"seq":n…"id":"…"…}]}]`: whose seqs are in order, the client has checked. */
  show(client: number, text: string, at: number): void {
    for (let p = text.indexOf('"kind":"message"'); p >= 0; p = text.indexOf('"kind":"message"', p + 16)) {
      const seq = numberAfter(text, '"seq":', p);
      const id = text.indexOf('"id":"', p) + 6;
      const sender = Number.parseInt(text.slice(id + 24, id + 30), 16);
      const place = Number.parseInt(text.slice(id + 30, id + 36), 16);
      const slot = sender * this.options.perClient + place;
      const expected =
        slot < this.due.length && this.options.roomOf(sender) === this.options.roomOf(client) && this.isOurs(text, id);
      if (!expected) {
        this.faults.strange++;
        continue;
      }
      this.delivered++;
      if (sender === client) {
        this.ownSeq[slot] = seq;
        const acked = this.ackSeq[slot] as number;
        if (acked > 0 && acked !== seq) this.faults.misplaced++;
      }
      const second = this.secondOf(this.due[slot] as number);
      if (second >= 0) this.deliveries.record(second, at - (this.due[slot] as number));
    }
  }

  /** Acknowledged messages that their sender was not shown. */
  unseen(): number {
    let count = 0;
    this.ackSeq.forEach((seq, slot) => {
      if (seq > 0 && this.ownSeq[slot] !== seq) count++;
    });
    return count;
  }

  private secondOf(at: number): number {
    return Math.floor((at - this.from) / 1_000);
  }

  /** A UUIDv7 (RFC 9562) whose last 48 bits are the client and its message. */
  private idOf(client: number, place: number): string {
    const time = Date.now().toString(16).padStart(12, '0');
    const hex = (value: number): string => value.toString(16).padStart(6, '0');
    const { random } = this;
    return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-a${random.slice(3, 6)}-${hex(client)}${hex(place)}`;
  }

  private isOurs(text: string, id: number): boolean {
    return text.startsWith(this.random.slice(0, 3), id + 15) && text.startsWith(this.random.slice(3, 6), id + 20);
  }
}

const numberAfter = (text: string, key: string, from: number): number => {
  const at = text.indexOf(key, from) + key.length;
  return Number.parseInt(text.slice(at, at + 14), 10);
};
