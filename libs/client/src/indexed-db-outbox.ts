import type { MessageId, UserId } from '@maru/contract';
import { uuidv7 } from 'uuidv7';
import type { KeptMessage, OutboxStore } from './outbox-store.js';

interface Row extends KeptMessage {
  owner: UserId;
  /** The tab that sends it. */
  tab: string;
}

const DATABASE = 'maru-outbox';
const TABLE = 'messages';
const lockOf = (tab: string): string => `maru-outbox-tab-${tab}`;

/**
 * The outbox of a browser, shared by its tabs. Each tab holds a Web Lock for as long as it lives and sends only what it
 * holds; what belongs to a tab without a lock is adopted by one other, under a lock. Where a browser has no Web Locks
 * (a page that is not secure) every tab adopts everything at its start, and the server tells repetitions by their id.
 */
export class IndexedDbOutbox implements OutboxStore {
  private readonly tab = uuidv7();
  private readonly database: Promise<IDBDatabase>;
  /** Operations one after the other, so that a removal never overtakes what it removes. */
  private last: Promise<unknown>;

  constructor() {
    this.database = open();
    this.last = this.database.catch(() => {});
    // held until the tab is gone: the promise never settles
    void navigator.locks?.request(lockOf(this.tab), () => new Promise(() => {}));
  }

  adopt(owner: UserId): Promise<KeptMessage[]> {
    return this.inTurn(() =>
      navigator.locks === undefined
        ? this.takeOver(owner, () => true)
        : navigator.locks.request('maru-outbox-adopt', async () => {
            const { held = [] } = await navigator.locks.query();
            const alive = new Set(held.map(({ name }) => name));
            return this.takeOver(owner, ({ tab }) => !alive.has(lockOf(tab)));
          }),
    ).catch(() => []);
  }

  put(owner: UserId, message: KeptMessage): void {
    void this.write((table) => table.put({ ...message, owner, tab: this.tab } satisfies Row));
  }

  remove(owner: UserId, ids: readonly MessageId[]): void {
    void this.write((table) => ids.forEach((id) => table.delete([owner, id])));
  }

  clear(owner: UserId): void {
    void this.write((table) => table.delete(IDBKeyRange.bound([owner], [owner, []])));
  }

  private async takeOver(owner: UserId, isOrphan: (row: Row) => boolean): Promise<KeptMessage[]> {
    const transaction = (await this.database).transaction(TABLE, 'readwrite');
    const table = transaction.objectStore(TABLE);
    const rows = (await done(table.getAll(IDBKeyRange.bound([owner], [owner, []])))) as Row[];
    const mine = rows.filter((row) => row.tab === this.tab || isOrphan(row));
    for (const row of mine) table.put({ ...row, tab: this.tab });
    await finished(transaction);
    return mine.map(({ id, roomId, text, replyTo, createdAt, failed }) => ({
      id,
      roomId,
      text,
      replyTo,
      createdAt,
      failed,
    }));
  }

  private write(change: (table: IDBObjectStore) => void): Promise<void> {
    return this.inTurn(async () => {
      const transaction = (await this.database).transaction(TABLE, 'readwrite');
      change(transaction.objectStore(TABLE));
      await finished(transaction);
    }).catch(() => {
      // no storage (private window, full disk): what is on the screen is still sent
    });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work, work);
    this.last = turn.catch(() => {});
    return turn;
  }
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.addEventListener('upgradeneeded', () =>
    request.result.createObjectStore(TABLE, { keyPath: ['owner', 'id'] }),
  );
  return done(request);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('IndexedDB')));
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve());
    for (const event of ['abort', 'error']) {
      transaction.addEventListener(event, () => reject(transaction.error ?? new Error('IndexedDB')));
    }
  });
}
