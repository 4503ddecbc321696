import { ChatError, nameKey, type Person, type UserId } from '@maru/contract';
import { Database, isDuplicate, uuidBytes, uuidText } from '@maru/database';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { uuidv7 } from 'uuidv7';

interface UserRow {
  id: Buffer;
  name: string;
  display_name: string;
  password_hash: string;
}

@Injectable()
export class UsersRepository {
  /** Names do not change yet, so what was read once stays right. */
  private readonly people = new LRUCache<UserId, Person>({ max: 20_000 });

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
    if (missing.length > 0) {
      const rows = await this.database.fresh<UserRow>('SELECT id, name, display_name FROM users WHERE id IN (?)', [
        missing.map(uuidBytes),
      ]);
      for (const read of rows.map(person)) {
        this.people.set(read.id, read);
        found.push(read);
      }
    }
    return found;
  }
}

const person = (row: UserRow): Person => ({
  id: uuidText<UserId>(row.id),
  name: row.name,
  displayName: row.display_name,
});
