import {
  type Entry,
  membershipAfter,
  type Message,
  NUMBERS_MAX,
  type ReadRange,
  type RoomReads,
  type UnreadNumbers,
  type UserId,
} from '@maru/contract';

/**
 * How many have not read each message, kept up to date: numbers are read once, then every step of a cursor takes one off
 * a range, exactly once, whatever order steps and messages arrive in. Nobody counts for what he sent himself.
 */
export class UnreadCounts {
  /** By seq; 0 or left out: everybody has read it. */
  numbers: ReadonlyMap<number, number> = new Map();
  generation: string | undefined;
  /** Members, as they are after the newest entry that was seen. */
  members = 0;
  private membersSeq = 0;
  /** Every step up to here is in the numbers. */
  private version = 0;
  /** Steps that are in the numbers and came before an earlier one. */
  private early = new Set<number>();
  /** The highest step that is known to have been made. */
  private newest = 0;
  /** Last seq that the numbers cover. */
  private to = 0;
  /** Steps that went beyond that. */
  private ahead: ReadRange[] = [];
  private readonly senders = new Map<number, UserId>();
  /** Whose steps went over messages that have not come yet: should one be by himself, it did not count him. */
  private readonly unsure = new Map<number, UserId[]>();

  /** A step that was made is missing. */
  get hasGap(): boolean {
    return this.newest > this.version;
  }

  /**
   * `known`: what is shown already, with all that the numbers may be about. `lately`: what came in the last while, also
   * before the numbers were asked for, for they may be as old as that.
   */
  start(read: UnreadNumbers, known: readonly Entry[], lately: readonly Omit<RoomReads, 'roomId'>[]): void {
    this.numbers = new Map(read.numbers);
    Object.assign(this, {
      generation: read.generation,
      members: read.members,
      membersSeq: read.membersSeq,
      to: read.to,
    });
    this.version = this.newest = read.version;
    this.early = new Set();
    this.ahead = [];
    this.senders.clear();
    this.unsure.clear();
    this.arrived(known);
    for (const { generation, version, ranges } of lately) this.apply(generation, version, ranges);
  }

  /** Entries in their order. */
  arrived(entries: readonly Entry[]): void {
    const numbers = new Map(this.numbers);
    for (const entry of entries) {
      if (entry.kind === 'message') this.meetSender(numbers, entry.seq, entry.senderId);
      const membership = entry.kind === 'system' ? membershipAfter(entry.event) : undefined;
      if (membership !== undefined && entry.seq > this.membersSeq) {
        this.members += membership === 'in' ? 1 : -1;
        this.membersSeq = entry.seq;
      }
      if (entry.seq <= this.to) continue;
      this.to = entry.seq;
      if (entry.kind === 'message') set(numbers, entry.seq, this.members - 1 - this.readersAhead(entry));
    }
    if (this.ahead.length > 0) this.ahead = this.ahead.filter(({ to }) => to > this.to);
    if (this.senders.size > 2 * NUMBERS_MAX) this.forgetOldest(numbers);
    if (entries.length > 0) this.numbers = numbers;
  }

  /** Steps in any order, each counted once. Returns false where they are of another generation: read the numbers anew. */
  apply(generation: string, newest: number, ranges: readonly ReadRange[]): boolean {
    if (generation !== this.generation) return false;
    this.newest = Math.max(this.newest, newest);
    const numbers = new Map(this.numbers);
    for (const range of ranges) {
      const { version, to } = range;
      if (version <= this.version || this.early.has(version)) continue;
      this.early.add(version);
      this.subtract(numbers, range);
      if (to > this.to) this.ahead.push(range);
    }
    while (this.early.delete(this.version + 1)) this.version++;
    if (ranges.length > 0) this.numbers = numbers;
    return true;
  }

  /** As many messages as the server tells of; in a room that stays open nobody looks at the numbers of yesterday. */
  private forgetOldest(numbers: Map<number, number>): void {
    const oldest = [...this.senders.keys()].toSorted((a, b) => b - a)[NUMBERS_MAX] ?? 0;
    for (const known of [this.senders, this.unsure, numbers]) {
      for (const seq of known.keys()) if (seq <= oldest) known.delete(seq);
    }
  }

  private subtract(numbers: Map<number, number>, { userId, from, to }: ReadRange): void {
    for (const [seq, unread] of numbers) {
      if (seq <= from || seq > to) continue;
      const sender = this.senders.get(seq);
      if (sender === undefined) {
        // kept even at 0: should the message turn out to be his own, one comes back
        numbers.set(seq, unread - 1);
        this.unsure.set(seq, [...(this.unsure.get(seq) ?? []), userId]);
      } else if (sender !== userId) set(numbers, seq, unread - 1);
    }
  }

  private meetSender(numbers: Map<number, number>, seq: number, senderId: UserId): void {
    this.senders.set(seq, senderId);
    const takers = this.unsure.get(seq);
    if (takers === undefined) return;
    this.unsure.delete(seq);
    set(numbers, seq, (numbers.get(seq) ?? 0) + takers.filter((id) => id === senderId).length);
  }

  private readersAhead({ seq, senderId }: Message): number {
    return this.ahead.filter(({ userId, from, to }) => userId !== senderId && from < seq && to >= seq).length;
  }
}

function set(numbers: Map<number, number>, seq: number, unread: number): void {
  if (unread > 0) numbers.set(seq, unread);
  else numbers.delete(seq);
}
