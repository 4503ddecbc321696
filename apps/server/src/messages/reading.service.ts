import {
  ChatError,
  NUMBERS_MAX,
  type OperationInput,
  type ReadCursor,
  READERS_PAGE,
  type Readers,
  type RoomId,
  type UnreadNumbers,
  type UnreadNumbersRead,
  type UserId,
} from '@maru/contract';
import { BatchReader } from '@maru/database';
import { metrics } from '@maru/observability';
import {
  type Advanced,
  type Reading,
  ReadCursors,
  type Snapshot,
  type SnapshotAge,
  unreadNumbers,
} from '@maru/read-cursors';
import { LogDelivery, LogRepository } from '@maru/room-log';
import { Injectable } from '@nestjs/common';
import { AuthService } from '../auth/index.js';
import { OwnDevices } from '../own-devices.js';
import { PersonLimits } from '../person-limits.js';
import { MembersRepository, RoomRights } from '../rooms/index.js';
import { ReadRanges } from './read-ranges.js';

const NO_END = Number.MAX_SAFE_INTEGER;
/** In a room where people come and go all the time, the numbers of a moment ago must do. */
const COUNTS_MAX = 4;

/** Who has read how far, and how many have not read what. */
@Injectable()
export class ReadingService {
  /** What is read within one tick goes to Redis as one call. */
  private readonly advances = new BatchReader((readings: readonly Reading[]) => this.advance(readings));

  constructor(
    private readonly rooms: RoomRights,
    private readonly members: MembersRepository,
    private readonly limits: PersonLimits,
    private readonly cursors: ReadCursors,
    private readonly log: LogRepository,
    private readonly delivery: LogDelivery,
    private readonly auth: AuthService,
    private readonly ranges: ReadRanges,
    private readonly devices: OwnDevices,
  ) {
    delivery.observe({ replaced: (roomId) => void cursors.forget(roomId) });
  }

  /** Moves a cursor forward, never past the head. Answers where it is now. */
  async read(userId: UserId, { roomId, seq }: OperationInput<'room:read'>): Promise<ReadCursor> {
    await this.limits.takeRead(userId);
    await this.rooms.requireMember(roomId, userId);
    const ordinal = this.delivery.ordinalAt(roomId, seq);
    metrics.cacheReads.inc({ cache: 'heads', outcome: ordinal === undefined ? 'miss' : 'hit' });
    const place = ordinal === undefined ? await this.log.place(roomId, seq) : { seq, ordinal };
    const advanced = await this.advances.load({ roomId, userId, ...place });
    // he is a member, and the cursors of this room know nothing of him yet
    if (advanced === undefined) throw new ChatError('unavailable', { retryAfterMs: 1_000 });
    const { cursor, step } = advanced;
    if (step !== undefined) this.ranges.add(roomId, step);
    if (cursor.seq === place.seq) this.devices.tell(userId, { roomId, read: cursor });
    return cursor;
  }

  async numbers(userId: UserId, { roomId, from, to = NO_END }: UnreadNumbersRead): Promise<UnreadNumbers> {
    await this.limits.takeRead(userId);
    const { head, rights } = await this.rooms.requireMembership(roomId, userId);
    const start = Math.max(from, rights.hiddenUpTo + 1);
    const { snapshot, said } = await this.counted(roomId, { from: start, to, limit: NUMBERS_MAX }, head);
    const { generation, version, membersSeq, cursors } = snapshot;
    const numbers = unreadNumbers(said.messages, cursors);
    const full = said.messages.length === NUMBERS_MAX;
    return {
      roomId,
      generation,
      version,
      members: cursors.size,
      membersSeq,
      from: full ? (said.messages[0]?.seq ?? start) : from,
      to: Math.min(to, said.head.seq),
      numbers: said.messages.flatMap(({ seq }, i) => (numbers[i] ? [[seq, numbers[i]] as [number, number]] : [])),
    };
  }

  /** A page of those who have read a message, or have not, in the order of their ids. */
  async readers(
    userId: UserId,
    roomId: RoomId,
    seq: number,
    { read, after }: { read: boolean; after?: UserId | undefined },
  ): Promise<Readers> {
    await this.limits.takeRead(userId);
    const { head, rights } = await this.rooms.requireMembership(roomId, userId);
    const [message] = seq > rights.hiddenUpTo ? await this.log.messagesAt(roomId, [seq], seq) : [];
    if (message === undefined) throw new ChatError('not-found');
    const { cursors } = await this.cursors.snapshot(roomId, head);
    // who came later has not been asked to read it
    const ids = (await this.members.before(roomId, seq))
      .filter((id) => id !== message.senderId && (cursors.get(id) ?? 0) >= seq === read)
      .filter((id) => after === undefined || id > after)
      .toSorted();
    const page = ids.slice(0, READERS_PAGE);
    const people = new Map((await this.auth.people(page)).map((person) => [person.id, person]));
    return {
      items: page.flatMap((id) => people.get(id) ?? []),
      next: ids.length > page.length ? (page.at(-1) ?? null) : null,
    };
  }

  /**
   * The cursors are read before the messages, so that none of them is past what is answered; and once more where
   * somebody came or went in between, for he counts for what was said while he was there.
   */
  private async counted(
    roomId: RoomId,
    range: { from: number; to: number; limit: number },
    head: SnapshotAge,
  ): Promise<{ snapshot: Snapshot; said: Awaited<ReturnType<LogRepository['said']>> }> {
    for (let wanted = head, tries = 1; ; tries++) {
      const snapshot = await this.cursors.snapshot(roomId, wanted);
      const said = await this.log.said(roomId, range);
      if (said.head.membersSeq <= snapshot.membersSeq || tries === COUNTS_MAX) return { snapshot, said };
      wanted = { ...head, membersSeq: said.head.membersSeq };
    }
  }

  private async advance(readings: readonly Reading[]): Promise<(Advanced | undefined)[]> {
    const advanced = new Map((await this.cursors.advance(readings)).map((one) => [one.reading, one]));
    return readings.map((reading) => advanced.get(reading));
  }
}
