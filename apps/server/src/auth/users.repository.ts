import { ChatError, nameKey, type Person, type UserId } from '@maru/contract';
import { BatchReader, Database, isDuplicate, uuidBytes, uuidText } from '@maru/database';
import { metrics } from '@maru/observability';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { uuidv7 } from 'uuidv7';

interface UserRow {
  id: Buffer;
  name: string;
  display_name: string;
  password_hash: string;
}

/** Read anew after so long, spread over half as much again, milliseconds. */
const KEPT_MS = 600_000;

@Injectable()
export class UsersRepository {
  /** Look-aside. Names do not change yet: what was read once stays right for as long as it is kept. */
  private readonly people = new LRUCache<UserId, Person>({ max: 20_000, ttl: KEPT_MS });
  /** Who is asked for by many at the same time is read once. */
  private readonly missing = new BatchReader((ids: readonly UserId[]) => this.read(ids));

  constructor(private readonly database: Database) {}

  /** Throws `name-taken`. */
  async add(name: string, displayName: string, passwordHash: string): Promise<Person> {
    const person: Person = { id: uuidv7() as UserId, name, displayName };
    await this.database
      .write((transaction) =>
        transaction.execute(
          'INSERT INTO users (id, name, name_key, display_name, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?)',
          [uuidBytes(person.id), name, nameKey(name), displayName, passwordHash, new Date()],
        ),
      )
      .catch((error: unknown) => {
        throw isDuplicate(error) ? new ChatError('name-taken') : error;
      });
    return person;
  }

  async byName(name: string): Promise<{ person: Person; passwordHash: string } | undefined> {
    const [row] = await this.database.fresh<UserRow>(
      'SELECT id, name, display_name, password_hash FROM users WHERE name_key = ?',
      [nameKey(name)],
    );
    return row && { person: person(row), passwordHash: row.password_hash };
  }

  /** Unknown names are left out. */
  async byNames(names: readonly string[]): Promise<Person[]> {
    const rows = await this.database.fresh<UserRow>('SELECT id, name, display_name FROM users WHERE name_key IN (?)', [
      names.map(nameKey),
    ]);
    return rows.map(person);
  }

  /** Whose name or displayed name begins like this. */
  async beginningWith(text: string, limit: number): Promise<Person[]> {
    const like = (prefix: string): string => `${prefix.replace(/[\\%_]/g, '\\$&')}%`;
    const rows = await this.database.read<UserRow>(
      `(SELECT id, name, display_name FROM users WHERE name_key LIKE ? LIMIT ?)
       UNION (SELECT id, name, display_name FROM users WHERE display_name LIKE ? LIMIT ?) ORDER BY display_name LIMIT ?`,
      [like(nameKey(text)), limit, like(text), limit, limit],
    );
    return rows.map(person);
  }

  /** Unknown ids are left out. */
  async byIds(ids: Iterable<UserId>): Promise<Person[]> {
    const found: Person[] = [];
    const missing: UserId[] = [];
    for (const id of new Set(ids)) {
      const known = this.people.get(id);
      if (known === undefined) missing.push(id);
      else found.push(known);
    }
    metrics.cacheReads.inc({ cache: 'people', outcome: 'hit' }, found.length);
    metrics.cacheReads.inc({ cache: 'people', outcome: 'miss' }, missing.length);
    const read = await Promise.all(missing.map((id) => this.missing.load(id)));
    return [...found, ...read.filter((one) => one !== undefined)];
  }

  private async read(ids: readonly UserId[]): Promise<(Person | undefined)[]> {
    const wanted = [...new Set(ids)];
    const rows = await this.database.fresh<UserRow>('SELECT id, name, display_name FROM users WHERE id IN (?)', [
      wanted.map(uuidBytes),
    ]);
    const found = new Map(rows.map(person).map((one) => [one.id, one]));
    for (const [id, one] of found) this.people.set(id, one, { ttl: KEPT_MS * (1 + Math.random() / 2) });
    return ids.map((id) => found.get(id));
  }
}

const person = (row: UserRow): Person => ({
  id: uuidText<UserId>(row.id),
  name: row.name,
  displayName: row.display_name,
});
