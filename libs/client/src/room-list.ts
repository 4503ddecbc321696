import {
  type Entry,
  isHistory,
  type MyRoom,
  type ReadCursor,
  type RoomActivity,
  type RoomId,
  type RoomMine,
  type RoomPreferences,
  type UserId,
} from '@maru/contract';
import type { Connection } from './connection.js';
import { changed, isChange } from './fold.js';
import type { PeopleDirectory } from './people-directory.js';
import { type PreferenceWish, PreferenceWishes } from './preference-wishes.js';
import { type Schedule, Store } from './store.js';

export interface RoomListState {
  status: 'loading' | 'ready' | 'failed';
  /** Pinned ones first, then latest activity first. */
  rooms: readonly MyRoom[];
}

const RETRY_MS = 2_000;
/** Somebody joined or left: how long the list may show the old number of members. */
const REFRESH_MS = 1_000;

/** My rooms with their newest entries and what is unread in them, kept up to date by activity. */
export class RoomList {
  readonly store: Store<RoomListState>;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private refresh: ReturnType<typeof setTimeout> | undefined;
  /** How far I have read, as this device knows it: an answer that was asked for earlier does not take it back. */
  private readonly cursors = new Map<RoomId, ReadCursor>();
  private readonly wishes = new PreferenceWishes();
  private lookedAt: RoomId | undefined;
  private loads = 0;
  /** Preferences that the server has told since the last load began. */
  private readonly told = new Map<RoomId, RoomPreferences>();

  constructor(
    private readonly connection: Pick<Connection, 'online' | 'request' | 'on' | 'onConnect'>,
    private readonly people: Pick<PeopleDirectory, 'learn' | 'want'>,
    private readonly me: () => UserId | undefined,
    schedule: Schedule,
  ) {
    this.store = new Store<RoomListState>({ status: 'loading', rooms: [] }, schedule);
    connection.onConnect(() => void this.load());
    connection.on('room:activity', (activity) => this.touch(activity));
    connection.on('room:joined', () => void this.load());
    connection.on('room:evicted', ({ roomId }) => this.remove(roomId));
    connection.on('room:reset', ({ roomId }) => {
      this.remove(roomId);
      void this.load();
    });
    connection.on('room:mine', (mine) => this.mine(mine));
    connection.on('room:mentioned', ({ roomId, seq }) => this.mentioned(roomId, seq));
  }

  async load(): Promise<void> {
    this.stop();
    const load = ++this.loads;
    this.told.clear();
    try {
      const rooms: MyRoom[] = [];
      for (let after: string | null | undefined; after !== null;) {
        const page = await this.connection.request('rooms:watch', after === undefined ? {} : { after });
        if (load !== this.loads) return;
        this.people.learn(page.people);
        rooms.push(...page.rooms);
        after = page.next;
      }
      this.store.update({
        status: 'ready',
        rooms: sorted(rooms.map((room) => this.withCursor(this.asNewAsKnown(this.withTold(room))))),
      });
    } catch {
      if (!this.connection.online || load !== this.loads) return;
      if (this.store.get().status !== 'ready') this.store.update({ status: 'failed' });
      this.timer = setTimeout(() => void this.load(), RETRY_MS);
    }
  }

  /** Something new in a room that is not open. */
  touch({ roomId, head, ordinal, last, changed: roomChanged }: RoomActivity): void {
    const room = this.find(roomId);
    if (room === undefined || head <= room.head) return;
    if (last !== null) this.people.want([last]);
    if (roomChanged) this.refresh ??= setTimeout(() => void this.load(), REFRESH_MS);
    const mine = last?.kind === 'message' && last.senderId === this.me();
    const isRead = (mine || roomId === this.lookedAt) && this.keep(roomId, { seq: head, ordinal });
    const preferences = isRead ? this.wishes.readOn(roomId, room.preferences) : room.preferences;
    this.replace(this.withCursor({ ...room, head, ordinal, last: last ?? room.last, preferences }));
  }

  /** The same of a room that is open, entry by entry. */
  follow(roomId: RoomId, entries: readonly Entry[]): void {
    const me = this.me();
    for (const entry of entries) {
      const before = this.find(roomId)?.last;
      const last = isHistory(entry)
        ? entry
        : isChange(entry) && before?.kind === 'message' && me !== undefined
          ? changed(before, entry, me)
          : null;
      const { seq: head, ordinal } = entry;
      this.touch({ roomId, head, ordinal, last, changed: entry.kind === 'system' });
    }
  }

  /**
   * Somebody looks at the end of this room, or of none: what comes there is read with its coming, so that nothing is
   * shown as unread until the server has heard of it. To tell the server is the view's affair.
   */
  lookAt(roomId: RoomId | undefined): void {
    this.lookedAt = roomId;
    const room = roomId === undefined ? undefined : this.find(roomId);
    if (room !== undefined) this.haveRead(room.id, { seq: room.head, ordinal: room.ordinal });
  }

  /** I have read this far, here or elsewhere. */
  haveRead(roomId: RoomId, cursor: ReadCursor): void {
    const room = this.find(roomId);
    if (!this.keep(roomId, cursor) || room === undefined) return;
    const preferences = this.wishes.readOn(roomId, room.preferences);
    this.replace(this.withCursor({ ...room, preferences }));
  }

  /** What the server says I prefer. */
  prefers(roomId: RoomId, preferences: RoomPreferences): void {
    this.told.set(roomId, preferences);
    const room = this.find(roomId);
    if (room !== undefined) this.replace({ ...room, preferences: this.wishes.learn(roomId, preferences) });
  }

  /** Shown at once; taken back, and rejected with ChatError, where it is refused. */
  async prefer(roomId: RoomId, wish: PreferenceWish): Promise<void> {
    this.wishes.add(roomId, wish);
    this.showWishes(roomId);
    try {
      const preferences = await this.connection.request('room:prefer', { roomId, ...wish });
      this.wishes.end(roomId, wish);
      this.prefers(roomId, preferences);
    } catch (error) {
      this.wishes.end(roomId, wish);
      this.showWishes(roomId);
      throw error;
    }
  }

  /** Everything in this room is read, without looking at it. Rejects with ChatError. */
  async readAll(roomId: RoomId): Promise<void> {
    const room = this.find(roomId);
    if (room === undefined) return;
    if (room.unread > 0) this.haveRead(roomId, await this.connection.request('room:read', { roomId, seq: room.head }));
    else if (room.preferences.markedUnread) await this.prefer(roomId, { markedUnread: false });
  }

  remove(roomId: RoomId): void {
    this.cursors.delete(roomId);
    this.wishes.forget(roomId);
    this.store.update({ rooms: this.store.get().rooms.filter(({ id }) => id !== roomId) });
  }

  clear(): void {
    this.stop();
    this.cursors.clear();
    this.wishes.clear();
    this.lookedAt = undefined;
    this.store.update({ status: 'loading', rooms: [] });
  }

  stop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.refresh);
    this.refresh = undefined;
  }

  private mine({ roomId, read, preferences }: RoomMine): void {
    if (read !== undefined) this.haveRead(roomId, read);
    if (preferences !== undefined) this.prefers(roomId, preferences);
  }

  private mentioned(roomId: RoomId, seq: number): void {
    const room = this.find(roomId);
    if (room === undefined || roomId === this.lookedAt) return;
    if (seq <= room.read.seq || room.mentions.includes(seq)) return;
    this.replace({ ...room, mentions: [seq, ...room.mentions] });
  }

  private showWishes(roomId: RoomId): void {
    const room = this.find(roomId);
    if (room !== undefined) {
      this.replace({ ...room, preferences: this.wishes.shown(roomId, room.preferences) });
    }
  }

  /** What came live while the list was read counts. */
  private asNewAsKnown(room: MyRoom): MyRoom {
    const known = this.find(room.id);
    if (known === undefined || known.head <= room.head) return room;
    const { head, ordinal, last } = known;
    return { ...room, head, ordinal, last };
  }

  /** What was told while the list was read counts, too. */
  private withTold(room: MyRoom): MyRoom {
    const mentions = this.find(room.id)?.mentions.filter((seq) => seq > room.head) ?? [];
    const preferences = this.wishes.learn(room.id, this.told.get(room.id) ?? room.preferences);
    return { ...room, mentions: [...mentions, ...room.mentions], preferences };
  }

  private find(roomId: RoomId): MyRoom | undefined {
    return this.store.get().rooms.find(({ id }) => id === roomId);
  }

  private replace(room: MyRoom): void {
    this.store.update({ rooms: sorted(this.store.get().rooms.map((other) => (other.id === room.id ? room : other))) });
  }

  /** Returns whether it is further than what was known. */
  private keep(roomId: RoomId, { seq, ordinal }: ReadCursor): boolean {
    if (seq <= (this.cursors.get(roomId)?.seq ?? 0)) return false;
    this.cursors.set(roomId, { seq, ordinal });
    return true;
  }

  private withCursor(room: MyRoom): MyRoom {
    this.keep(room.id, room.read);
    const read = this.cursors.get(room.id) ?? room.read;
    const mentions = room.mentions.filter((seq) => seq > read.seq);
    return { ...room, read, mentions, unread: Math.max(0, room.ordinal - read.ordinal) };
  }
}

const activeAt = (room: MyRoom): number => room.last?.createdAt ?? room.createdAt;

const sorted = (rooms: readonly MyRoom[]): MyRoom[] =>
  rooms.toSorted(
    (a, b) =>
      Number(b.preferences.pinned) - Number(a.preferences.pinned) ||
      activeAt(b) - activeAt(a) ||
      (a.id < b.id ? 1 : -1),
  );
