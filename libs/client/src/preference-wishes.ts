import type { RoomId, RoomPreferences } from '@maru/contract';

export type PreferenceWish = Partial<RoomPreferences>;

/** My preferences as the server has them, and laid over them what I asked for and what is not answered yet. */
export class PreferenceWishes {
  private readonly known = new Map<RoomId, RoomPreferences>();
  private readonly wishes = new Map<RoomId, PreferenceWish[]>();

  /** What the server says; returns what is to be shown. */
  learn(roomId: RoomId, preferences: RoomPreferences): RoomPreferences {
    this.known.set(roomId, preferences);
    return this.shown(roomId, preferences);
  }

  /** Reading on ends a mark as unread. */
  readOn(roomId: RoomId, otherwise: RoomPreferences): RoomPreferences {
    return this.learn(roomId, { ...(this.known.get(roomId) ?? otherwise), markedUnread: false });
  }

  add(roomId: RoomId, wish: PreferenceWish): void {
    this.wishes.set(roomId, [...(this.wishes.get(roomId) ?? []), wish]);
  }

  /** Answered or refused. */
  end(roomId: RoomId, wish: PreferenceWish): void {
    const left = this.wishes.get(roomId)?.filter((other) => other !== wish) ?? [];
    if (left.length > 0) this.wishes.set(roomId, left);
    else this.wishes.delete(roomId);
  }

  /** `otherwise`: where the server has not said anything yet. */
  shown(roomId: RoomId, otherwise: RoomPreferences): RoomPreferences {
    return Object.assign({}, this.known.get(roomId) ?? otherwise, ...(this.wishes.get(roomId) ?? []));
  }

  forget(roomId: RoomId): void {
    this.known.delete(roomId);
    this.wishes.delete(roomId);
  }

  clear(): void {
    this.known.clear();
    this.wishes.clear();
  }
}
