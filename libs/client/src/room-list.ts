import type { MyRoom, RoomActivity, RoomId, UserId } from '@maru/contract';
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

  /** Something new in a room, told by the server or seen in the open room. */
  touch({ roomId, head, ordinal, last }: Pick<RoomActivity, 'roomId' | 'head' | 'ordinal' | 'last'>): void {
    const { rooms } = this.store.get();
    const room = rooms.find(({ id }) => id === roomId);
    if (room === undefined || head <= room.head) return;
    this.people.want([last]);
    // there was more than messages and this one change: the room or its members may be different
    const happened = head - room.head - (ordinal - room.ordinal) - (last.kind === 'change' ? 1 : 0);
    if (happened > 0) this.refresh ??= setTimeout(() => void this.load(), REFRESH_MS);
    if (isHistory(last)) {
      const others = rooms.filter(({ id }) => id !== roomId);
      this.store.update({ rooms: [{ ...room, head, ordinal, last }, ...others] });
      return;
    }
    const me = this.me();
    const shown = room.last?.kind === 'message' && isChange(last) && me ? changed(room.last, last, me) : room.last;
    this.store.update({ rooms: rooms.map((r) => (r === room ? { ...room, head, ordinal, last: shown } : r)) });
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
