import {
  type MyRoom,
  type MyRooms,
  MENTIONED_MAX,
  type MyRoomsQuery,
  type OperationInput,
  ROOM_LIST_MAX,
  type RoomId,
  type RoomMine,
  type RoomPreferences,
  type UserId,
} from '@maru/contract';
import { Database, retryContention, type Transaction } from '@maru/database';
import { ReadCursors } from '@maru/read-cursors';
import { LogRepository } from '@maru/room-log';
import { Injectable } from '@nestjs/common';
import { AuthService } from '../auth/index.js';
import { OwnDevices } from '../own-devices.js';
import { PersonLimits } from '../person-limits.js';
import { preferences, PreferencesRepository } from './preferences.repository.js';
import { type ListedRoom, RoomListRepository } from './room-list.repository.js';
import { RoomRights } from './room-rights.js';
import { matches } from './room-search.js';

/** The rooms of one person: what is new in them, what is unread, and how he wants to have them. */
@Injectable()
export class RoomListService {
  constructor(
    private readonly database: Database,
    private readonly list: RoomListRepository,
    private readonly preferred: PreferencesRepository,
    private readonly cursors: ReadCursors,
    private readonly log: LogRepository,
    private readonly auth: AuthService,
    private readonly rights: RoomRights,
    private readonly limits: PersonLimits,
    private readonly devices: OwnDevices,
  ) {}

  /** A page, latest activity first. */
  async page(userId: UserId, { search, after, limit }: MyRoomsQuery): Promise<MyRooms> {
    const among = search === undefined ? undefined : await this.named(userId, search);
    const [at = '0', roomId = ''] = after?.split('.') ?? [];
    const place = after === undefined ? undefined : { activeAt: Number(at), roomId: roomId as RoomId };
    const found = await this.list.byActivity(userId, limit, place, among);
    const last = found.length === limit ? found.at(-1) : undefined;
    return this.complete(userId, found, last === undefined ? null : `${last.activeAt}.${last.room.id}`);
  }

  /** A page in the order of ids: between two of them no room moves. */
  async watched(userId: UserId, after: RoomId | undefined): Promise<MyRooms> {
    const found = await this.list.byId(userId, ROOM_LIST_MAX, after);
    const last = found.length === ROOM_LIST_MAX ? found.at(-1) : undefined;
    return this.complete(userId, found, last?.room.id ?? null);
  }

  /** What is left out stays as it is. */
  async prefer(userId: UserId, { roomId, ...wanted }: OperationInput<'room:prefer'>): Promise<RoomPreferences> {
    await this.limits.takeRead(userId);
    await this.rights.requireMembership(roomId, userId);
    const cursor = await this.cursors.position(userId, roomId);
    const change = async (transaction: Transaction): Promise<RoomPreferences> => {
      const before = preferences(await this.preferred.lock(transaction, userId, roomId), cursor);
      const after = {
        notify: wanted.notify ?? before.notify,
        pinned: wanted.pinned ?? before.pinned,
        markedUnread: wanted.markedUnread ?? before.markedUnread,
      };
      await this.preferred.put(transaction, userId, roomId, after, cursor);
      return after;
    };
    const now = await retryContention(() => this.database.write(change));
    this.devices.tell(userId, { roomId, preferences: now } satisfies RoomMine);
    return now;
  }

  private async named(userId: UserId, search: string): Promise<RoomId[]> {
    await this.limits.takeLookup(userId);
    return (await this.list.names(userId)).flatMap(({ id, name }) => (matches(name, search) ? [id] : []));
  }

  /** Adds what Redis knows better, what no event has told yet, and who is named. */
  private async complete(userId: UserId, found: readonly ListedRoom[], next: string | null): Promise<MyRooms> {
    const behind = found.flatMap(({ room, isBehind }) => (isBehind ? [room.id] : []));
    const [newest, cursors] = await Promise.all([
      this.log.newest(behind),
      this.cursors.of(
        userId,
        found.map(({ room }) => room.id),
      ),
    ]);
    const rooms = found.map((listed): MyRoom => {
      const { room } = listed;
      const known = cursors.get(room.id);
      const read = known !== undefined && known.seq > listed.cursor.seq ? known : listed.cursor;
      const hiddenUpTo = room.history === 'joined' ? room.joinedSeq - 1 : 0;
      const last = newest.get(room.id) ?? listed.last;
      return {
        ...room,
        last: last !== null && last.seq > hiddenUpTo ? last : null,
        read,
        unread: Math.max(0, room.ordinal - read.ordinal),
        mentions: listed.mentions.filter((seq) => seq > read.seq).slice(0, MENTIONED_MAX),
        preferences: preferences(listed.preferences, read.seq),
      };
    });
    const named = rooms.flatMap(({ last, peerId }) => [
      ...(last === null ? [] : [last.kind === 'message' ? last.senderId : last.userId]),
      ...(peerId === null ? [] : [peerId]),
    ]);
    return { rooms, people: await this.auth.people(named), next };
  }
}
