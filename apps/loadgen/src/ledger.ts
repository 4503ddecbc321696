import { uuidv7 } from 'uuidv7';
import { Latencies } from './latencies.ts';

export interface LedgerOptions {
  clients: number;
  /** Messages that one client sends at most; memory is taken for all of them at once. */
  perClient: number;
  /** Client i is in room i / roomSize; what arrives must come from there. */
  roomSize: number;
  /** So many of a room look at it and are to be shown what is said; all of them, if nothing is said. */
  viewers?: number;
}

/** A message as the table has it. */
export interface Row {
  id: string;
  room: number;
  seq: number;
}

/** What a table that was held against what was asked for and answered has too much, or too little; and what else was wrong. */
export interface Balance {
  /** Rows in the table. */
  stored: number;
  storedTwice: number;
  /** Acknowledged, and not in the table. */
  missing: number;
  /** Stored at another place than was acknowledged. */
  elsewhere: number;
  /** Stored, though nobody sent it, or it was definitely refused. */
  unasked: number;
  /** Acknowledged at places that do not rise in the order in which their sender sent them. */
  unordered: number;
  /** Deliveries of what is stored that did not come, or came too much. */
  undelivered: number;
}

/** What is at a place of `answers` that is no seq. An answer `unknown` leaves open whether the message is stored. */
const UNANSWERED = 0;
const REFUSED = -1;
const UNKNOWN = -2;

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
  /** By when they were due. */
  readonly sentBySecond: number[] = [];
  /** By when they were answered. */
  readonly ackedBySecond: number[] = [];
  readonly refusedBySecond: number[] = [];
  sent = 0;
  acked = 0;
  refused = 0;
  delivered = 0;
  /** Deliveries of what was acknowledged. */
  owed = 0;
  /** Answered twice, or shown at another place than was acknowledged or shown before, or from another room, or unreadable. */
  faults = { answeredTwice: 0, misplaced: 0, strange: 0 };
  private readonly options: LedgerOptions;
  private readonly due: Float64Array;
  private readonly answers: Int32Array;
  private readonly shownSeq: Int32Array;
  private readonly counts: Uint32Array;
  /** Of the ids, what tells this run from others: version, variant and what is random between. */
  private readonly run = uuidv7().slice(14, 23);
  /** What is due before is not timed. */
  private from = 0;

  constructor(options: LedgerOptions) {
    this.options = options;
    const slots = options.clients * options.perClient;
    this.due = new Float64Array(slots);
    this.answers = new Int32Array(slots);
    this.shownSeq = new Int32Array(slots);
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
    countIn(this.sentBySecond, second);
    if (second >= 0) this.lag.record(second, now - dueAt);
    return { number: place + 1, id: this.idOf(client, place) };
  }

  /** `43<number>[{"ok":true,"data":{…"seq":n…}}]` */
  answer(client: number, number: number, ok: boolean, text: string, at: number): void {
    const slot = client * this.options.perClient + number - 1;
    if (this.answers[slot] !== UNANSWERED) return void this.faults.answeredTwice++;
    const answeredIn = this.secondOf(at);
    if (!ok) {
      const code = /"code":"([^"]*)"/.exec(text)?.[1] ?? 'unreadable';
      this.refusals[code] = (this.refusals[code] ?? 0) + 1;
      this.answers[slot] = code === 'unknown' || code === 'internal' ? UNKNOWN : REFUSED;
      this.refused++;
      countIn(this.refusedBySecond, answeredIn);
      return;
    }
    const seq = numberAfter(text, '"seq":', 0);
    this.answers[slot] = seq;
    this.acked++;
    this.owed += this.shownTo(client);
    const shown = this.shownSeq[slot] as number;
    if (shown !== 0 && shown !== seq) this.faults.misplaced++;
    countIn(this.ackedBySecond, answeredIn);
    const second = this.secondOf(this.due[slot] as number);
    if (second >= 0) this.acks.record(second, at - (this.due[slot] as number));
  }

  /** `42["room:entries",{…"entries":[{…"seq":n…"id":"…"…}]}]`: whose seqs are in order, the client has checked. */
  show(client: number, text: string, at: number): void {
    for (let p = text.indexOf('"kind":"message"'); p >= 0; p = text.indexOf('"kind":"message"', p + 16)) {
      const seq = numberAfter(text, '"seq":', p);
      const slot = this.slotOf(text, text.indexOf('"id":"', p) + 6, this.roomOf(client));
      if (slot === undefined) {
        this.faults.strange++;
        continue;
      }
      this.delivered++;
      const place = (this.answers[slot] as number) > 0 ? this.answers[slot] : this.shownSeq[slot];
      if (place !== 0 && place !== seq) this.faults.misplaced++;
      this.shownSeq[slot] = seq;
      const second = this.secondOf(this.due[slot] as number);
      if (second >= 0) this.deliveries.record(second, at - (this.due[slot] as number));
    }
  }

  /** Numbers and ids of what the client sent and was not answered: to be sent again, as a client does that comes back. */
  unanswered(client: number): { number: number; id: string }[] {
    const first = client * this.options.perClient;
    return Array.from({ length: this.counts[client] as number }, (_, place) => place)
      .filter((place) => this.answers[first + place] === UNANSWERED)
      .map((place) => ({ number: place + 1, id: this.idOf(client, place) }));
  }

  /** What a table would have that keeps what was acknowledged: for servers that store nothing. */
  acknowledged(): Row[] {
    return [...this.answers.entries()].flatMap(([slot, seq]) => {
      const client = this.clientOf(slot);
      const id = this.idOf(client, slot % this.options.perClient);
      return seq > 0 ? [{ id, room: this.roomOf(client), seq }] : [];
    });
  }

  /** Holds what was sent and answered against the rows of the table. */
  balance(rows: Iterable<Row>): Balance {
    const storedSeq = new Int32Array(this.answers.length);
    const found = { stored: 0, storedTwice: 0, missing: 0, elsewhere: 0, unasked: 0, unordered: 0, undelivered: 0 };
    let toShow = 0;
    for (const { id, room, seq } of rows) {
      found.stored++;
      const slot = this.slotOf(id, 0, room);
      const answer = slot === undefined ? REFUSED : (this.answers[slot] as number);
      if (slot === undefined || answer === REFUSED) found.unasked++;
      else if (storedSeq[slot] !== 0) found.storedTwice++;
      else {
        storedSeq[slot] = seq;
        if (answer > 0 && answer !== seq) found.elsewhere++;
        toShow += this.shownTo(this.clientOf(slot));
      }
    }
    let [client, last] = [0, 0];
    this.answers.forEach((seq, slot) => {
      if (seq <= 0) return;
      if (storedSeq[slot] === 0) found.missing++;
      if (this.clientOf(slot) !== client) [client, last] = [this.clientOf(slot), 0];
      if (seq <= last) found.unordered++;
      last = seq;
    });
    return { ...found, undelivered: Math.abs(toShow - this.delivered) };
  }

  private secondOf(at: number): number {
    return Math.floor((at - this.from) / 1_000);
  }

  private roomOf(client: number): number {
    return Math.floor(client / this.options.roomSize);
  }

  /** How many are to be shown what the client says; the last room may have fewer people. */
  private shownTo(client: number): number {
    const { clients, roomSize, viewers = roomSize } = this.options;
    return Math.min(viewers, clients - this.roomOf(client) * roomSize);
  }

  private clientOf(slot: number): number {
    return Math.floor(slot / this.options.perClient);
  }

  /** A UUIDv7 (RFC 9562) of when the message was due, whose last 48 bits are the client and its message. */
  private idOf(client: number, place: number): string {
    const due = this.due[client * this.options.perClient + place] as number;
    const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
    const time = hex(Math.floor(performance.timeOrigin + due), 12);
    return `${time.slice(0, 8)}-${time.slice(8)}-${this.run}-${hex(client, 6)}${hex(place, 6)}`;
  }

  /** Which message has the id that stands there; undefined if it is not one of ours, or of another room. */
  private slotOf(text: string, at: number, room: number): number | undefined {
    if (!text.startsWith(this.run, at + 14)) return undefined;
    const client = Number.parseInt(text.slice(at + 24, at + 30), 16);
    const place = Number.parseInt(text.slice(at + 30, at + 36), 16);
    const isSent = client < this.counts.length && place < (this.counts[client] as number);
    return isSent && this.roomOf(client) === room ? client * this.options.perClient + place : undefined;
  }
}

/** What is before the time that is measured is not counted. */
function countIn(bySecond: number[], second: number): void {
  if (second >= 0) bySecond[second] = (bySecond[second] ?? 0) + 1;
}

const numberAfter = (text: string, key: string, from: number): number => {
  const at = text.indexOf(key, from) + key.length;
  return Number.parseInt(text.slice(at, at + 14), 10);
};
