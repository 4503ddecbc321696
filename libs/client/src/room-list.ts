import type { Entry, MyRoom, RoomActivity, RoomId, UserId } from '@maru/contract';
import type { Connection } from './connection.js';
import { changed, isChange, isHistory } from './fold.js';
import type { PeopleDirectory } from './people-directory.js';
import { type Schedule, Store } from './store.js';

export interface RoomListState {
  status: 'loading' | 'ready' | 'failed';
  /** Latest activity first. */
  rooms: readonly MyRoom[];
}

const RETRY_MS = 2_000;
/** Somebody joined or left: how long the list may show the old number of members. */
const REFRESH_MS = 1_000;

/** My rooms with their newest entries, kept up to date by activity. */
export class RoomList {
  readonly store: Store<RoomListState>;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private refresh: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly people: PeopleDirectory,
    private readonly me: () => UserId | undefined,
    schedule: Schedule,
  ) {
    this.store = new Store<RoomListState>({ status: 'loading', rooms: [] }, schedule);
    connection.onConnect(() => void this.load());
    connection.on('room:activity', (activity) => this.touch(activity));
    connection.on('room:joined', () => void this.load());
    connection.on('room:evicted', ({ roomId }) => this.remove(roomId));
  }

  async load(): Promise<void> {
    this.stop();
    try {
      const { rooms, people } = await this.connection.request('rooms:watch', {});
      this.people.learn(people);
      this.store.update({ status: 'ready', rooms });
    } catch {
      if (!this.connection.online) return;
      if (this.store.get().status !== 'ready') this.store.update({ status: 'failed' });
      this.timer = setTimeout(() => void this.load(), RETRY_MS);
    }
  }

  /** Something new in a room that is not open. */
  touch({ roomId, head, ordinal, last, changed: roomChanged }: RoomActivity): void {
    const { rooms } = this.store.get();
    const room = rooms.find(({ id }) => id === roomId);
    if (room === undefined || head <= room.head) return;
    if (last !== null) this.people.want([last]);
    if (roomChanged) this.refresh ??= setTimeout(() => void this.load(), REFRESH_MS);
    const updated = { ...room, head, ordinal, last: last ?? room.last };
    const isNew = last !== null && last.seq > (room.last?.seq ?? 0);
    const others = rooms.filter(({ id }) => id !== roomId);
    this.store.update({ rooms: isNew ? [updated, ...others] : rooms.map((r) => (r === room ? updated : r)) });
  }

  /** The same of a room that is open, entry by entry. */
  follow(roomId: RoomId, entries: readonly Entry[]): void {
    const me = this.me();
    for (const entry of entries) {
      const before = this.store.get().rooms.find(({ id }) => id === roomId)?.last;
      const last = isHistory(entry)
        ? entry
        : isChange(entry) && before?.kind === 'message' && me !== undefined
          ? changed(before, entry, me)
          : null;
      const { seq: head, ordinal } = entry;
      this.touch({ roomId, head, ordinal, last, changed: entry.kind === 'system' });
    }
  }

  remove(roomId: RoomId): void {
    this.store.update({ rooms: this.store.get().rooms.filter(({ id }) => id !== roomId) });
  }

  clear(): void {
    this.stop();
    this.store.update({ status: 'loading', rooms: [] });
  }

  stop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.refresh);
    this.refresh = undefined;
  }
}
