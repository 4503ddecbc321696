import type { Presence, UserId } from '@maru/contract';
import type { Connection } from './connection.js';
import { type Schedule, Store } from './store.js';

/** Who is there, of the people in rooms that are open. Whom nothing is known of counts as offline. */
export class PresenceDirectory {
  readonly store: Store<{ people: ReadonlyMap<UserId, Presence> }>;
  private away = false;

  constructor(
    private readonly connection: Connection,
    schedule: Schedule,
  ) {
    this.store = new Store<{ people: ReadonlyMap<UserId, Presence> }>({ people: new Map() }, schedule);
    connection.on('presence:changed', ({ people }) =>
      this.store.update({
        people: new Map([
          ...this.store.get().people,
          ...people.map((presence) => [presence.userId, presence] as const),
        ]),
      }),
    );
    connection.onConnect(() => {
      this.clear();
      if (this.away) this.say();
    });
  }

  /** Say true once nobody has touched this device for a while, and false when somebody does. */
  setAway(away: boolean): void {
    if (this.away === away) return;
    this.away = away;
    if (this.connection.online) this.say();
  }

  clear(): void {
    this.store.update({ people: new Map() });
  }

  private say(): void {
    this.connection.request('presence:set', { away: this.away }).catch(() => {});
  }
}
