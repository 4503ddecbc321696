import { type Entry, tombstone } from '@maru/contract';

/** Newest entries that are kept for sockets which come back. */
const KEPT = 128;

/** The newest entries of one room, contiguous up to the last one that was taken. */
export class RecentEntries {
  private entries: Entry[] = [];

  /** Everything after `after` up to `head`, if it is still here. */
  between(after: number, head: number): Entry[] | undefined {
    const [first, last] = [this.entries[0], this.entries.at(-1)];
    if (after >= head) return [];
    if (first === undefined || last === undefined || first.seq > after + 1 || last.seq < head) return undefined;
    return this.entries.slice(after + 1 - first.seq, head + 1 - first.seq);
  }

  at(seq: number): Entry | undefined {
    return this.entries[seq - (this.entries[0]?.seq ?? 0)];
  }

  add(entry: Entry): void {
    if (this.entries.at(-1)?.seq !== entry.seq - 1) this.entries = [];
    if (entry.kind === 'change' && entry.change.type === 'deleted') this.scrub(entry.targetSeq, entry.seq);
    this.entries.push(entry);
    if (this.entries.length > 2 * KEPT) this.entries = this.entries.slice(-KEPT);
  }

  clear(): void {
    this.entries = [];
  }

  /** At this place something else was taken before: the log tells another story now. */
  contradicts(entry: Entry): boolean {
    const known = this.at(entry.seq);
    if (known === undefined) return false;
    return known.kind !== entry.kind || (known.kind === 'message' && entry.kind === 'message' && known.id !== entry.id);
  }

  /** What a deleted message said is forgotten here, too, in the message and in its earlier changes. */
  private scrub(seq: number, deletedBy: number): void {
    this.entries = this.entries.map((entry) => {
      if (entry.kind === 'message' && entry.seq === seq) return tombstone(entry, deletedBy);
      if (entry.kind === 'change' && entry.targetSeq === seq) return { ...entry, change: { type: 'deleted' } };
      return entry;
    });
  }
}
