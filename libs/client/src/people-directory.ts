import { PEOPLE_MAX, type Entry, type Person, type UserId } from '@maru/contract';
import { type Schedule, Store } from './store.js';

const GATHER_MS = 30;
const RETRY_MS = 5_000;

/** Names for ids, shared by all rooms: learned from what comes with pages, asked for where it did not. */
export class PeopleDirectory {
  readonly store: Store<{ people: ReadonlyMap<UserId, Person> }>;
  private readonly wanted = new Set<UserId>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly fetch: (ids: UserId[]) => Promise<readonly Person[]>,
    schedule: Schedule,
  ) {
    this.store = new Store<{ people: ReadonlyMap<UserId, Person> }>({ people: new Map() }, schedule);
  }

  learn(people: readonly Person[]): void {
    const known = this.store.get().people;
    const news = people.filter((person) => !known.has(person.id));
    for (const { id } of news) this.wanted.delete(id);
    if (news.length > 0)
      this.store.update({ people: new Map([...known, ...news.map((person) => [person.id, person] as const)]) });
  }

  /** Sees to it that the authors of these entries will be known. */
  want(entries: readonly Entry[]): void {
    this.wantPeople(
      entries.flatMap((entry) => {
        if (entry.kind === 'message') return [entry.senderId, ...(entry.mentions ?? [])];
        return entry.kind === 'change' && entry.change.type === 'edited' ? (entry.change.mentions ?? []) : [];
      }),
    );
  }

  wantPeople(ids: readonly UserId[]): void {
    const known = this.store.get().people;
    for (const id of ids) if (!known.has(id)) this.wanted.add(id);
    if (this.wanted.size > 0) this.timer ??= setTimeout(() => void this.ask(), GATHER_MS);
  }

  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.wanted.clear();
    this.store.update({ people: new Map() });
  }

  private async ask(): Promise<void> {
    const ids = [...this.wanted].slice(0, PEOPLE_MAX);
    this.timer = undefined;
    if (ids.length === 0) return;
    try {
      this.learn(await this.fetch(ids));
      for (const id of ids) this.wanted.delete(id);
      if (this.wanted.size > 0) this.timer ??= setTimeout(() => void this.ask(), GATHER_MS);
    } catch {
      this.timer ??= setTimeout(() => void this.ask(), RETRY_MS);
    }
  }
}
