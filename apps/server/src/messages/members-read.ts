import { type Entry, membershipAfter, type RoomId } from '@maru/contract';
import { type MemberChange, ReadCursors } from '@maru/read-cursors';
import { CommitFeed } from '@maru/room-log';
import { Injectable } from '@nestjs/common';
import { ReadRanges } from './read-ranges.js';

/** Who comes counts from there on, who goes counts no more: numbers can reach 0 without him. */
@Injectable()
export class MembersRead {
  constructor(
    feed: CommitFeed,
    private readonly cursors: ReadCursors,
    private readonly ranges: ReadRanges,
  ) {
    feed.listen({
      publish: (roomId, entries, membersBefore) => {
        if (membersBefore !== undefined) void this.note(roomId, entries, membersBefore);
      },
    });
  }

  private async note(roomId: RoomId, entries: readonly Entry[], before: number): Promise<void> {
    if (entries.some((entry) => entry.kind === 'system' && entry.event === 'deleted')) {
      return this.cursors.forget(roomId);
    }
    const changes = entries.flatMap((entry): MemberChange[] => {
      const way = entry.kind === 'system' ? membershipAfter(entry.event) : undefined;
      if (way === undefined || entry.kind !== 'system') return [];
      return [{ way, userId: entry.userId, seq: entry.seq, ordinal: entry.ordinal }];
    });
    const after = changes.at(-1)?.seq;
    if (after === undefined) return;
    for (const step of await this.cursors.membersChanged(roomId, before, after, changes)) this.ranges.add(roomId, step);
  }
}
