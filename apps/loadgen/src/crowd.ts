import { uuidBytes } from '@maru/database';
import { createConnection } from 'mysql2/promise';
import type { Ledger } from './ledger.ts';
import { lasts } from './load.ts';
import { mustHold } from './machine.ts';
import { type LoadPerson, makePeople } from './people.ts';
import { type FirstView, RawClient } from './raw-client.ts';
import type { Target } from './target.ts';

/** Handshakes on their way at once. */
const AT_ONCE = 100;
const PATIENCE_MS = 30_000;
/** Nothing more comes when nothing has come for so long. */
const QUIET_MS = 10_000;

export interface CrowdOptions {
  clients: number;
  roomSize: number;
  /** What each does with its room at first; opens it, if nothing is said. */
  viewOf?: (client: number) => FirstView;
  /** Called when a live connection ended without being asked to. */
  cutOff?: (client: number) => void;
}

/** People of a load test with their connections, and the ledger of what they say. */
export class Crowd {
  readonly clients: RawClient[] = [];
  readonly people: readonly LoadPerson[];
  readonly options: CrowdOptions;
  /** Connections that ended without being asked to. */
  cutOff = 0;
  private readonly target: Target;
  private readonly ledger: Ledger | undefined;
  private over = false;

  private constructor(target: Target, people: readonly LoadPerson[], options: CrowdOptions, ledger?: Ledger) {
    this.target = target;
    this.people = people;
    this.options = options;
    this.ledger = ledger;
  }

  static async make(target: Target, options: CrowdOptions, ledger?: Ledger): Promise<Crowd> {
    const { clients, roomSize } = options;
    mustHold(clients);
    return new Crowd(
      target,
      await makePeople(target.databaseUrl, target.jwtSecret, clients, roomSize),
      options,
      ledger,
    );
  }

  /** Connects everybody as fast as the server takes them; resolves when all are live. */
  async connectAll(progress: (live: number) => void = () => {}): Promise<void> {
    let next = 0;
    let live = 0;
    const turn = async (): Promise<void> => {
      while (next < this.people.length) {
        await this.connect(next++);
        progress(++live);
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, this.people.length) }, turn));
  }

  /** Connects one of them, again after its newest seq if it was there before; resolves when it is live. */
  connect(index: number, after: number | null = null): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { ledger } = this;
    const late = setTimeout(
      () => reject(new Error(`client ${index} is not live after ${PATIENCE_MS} ms`)),
      PATIENCE_MS,
    );
    const client = new RawClient(
      this.target.urlOf?.(index) ?? this.target.url,
      this.people[index] as LoadPerson,
      {
        live: () => {
          clearTimeout(late);
          resolve();
        },
        gone: (reason) => {
          clearTimeout(late);
          if (client.live && !this.over) {
            this.cutOff++;
            this.options.cutOff?.(index);
          }
          reject(new Error(`client ${index}: ${reason}`));
        },
        acked: (number, ok, text, at) => ledger?.answer(index, number, ok, text, at),
        ...(ledger === undefined ? {} : { entries: (text, at) => ledger.show(index, text, at) }),
      },
      after,
      this.options.viewOf?.(index),
    );
    this.clients[index] = client;
    return promise;
  }

  /** Waits for what is on its way: everything answered and shown, or nothing that comes any more. */
  async settle(): Promise<void> {
    const { ledger } = this;
    if (ledger === undefined) return;
    let seen = -1;
    let since = performance.now();
    while (ledger.answered < ledger.sent || ledger.delivered < ledger.acked * this.options.roomSize) {
      const progress = ledger.answered + ledger.delivered;
      if (progress !== seen) [seen, since] = [progress, performance.now()];
      else if (performance.now() - since > QUIET_MS) return;
      await lasts(50);
    }
    // whatever comes too much
    await lasts(300);
  }

  /** Holds what was acknowledged and shown against the tables. */
  async audit(): Promise<Audit> {
    const rooms = [...new Set(this.people.map(({ room }) => room))];
    const ids = rooms.map(uuidBytes);
    const database = await createConnection({ uri: this.target.databaseUrl });
    const [heads] = await database.query('SELECT HEX(room_id) AS id, last_seq FROM room_heads WHERE room_id IN (?)', [
      ids,
    ]);
    const [[counted]] = (await database.query(
      'SELECT COUNT(*) AS messages, COUNT(DISTINCT id) AS ids FROM messages WHERE kind = 0 AND room_id IN (?)',
      [ids],
    )) as unknown as [{ messages: number; ids: number }[]];
    await database.end();
    const headOf = new Map(
      (heads as { id: string; last_seq: number }[]).map((row) => [row.id.toLowerCase(), row.last_seq]),
    );
    const behind = this.clients.map((client, i) => {
      const head = headOf.get((this.people[i] as LoadPerson).room.replaceAll('-', '')) ?? -1;
      return head - (client.seq ?? 0);
    });
    const { messages: stored = 0, ids: differing = 0 } = counted ?? {};
    const sum = (what: 'holes' | 'doubled'): number => this.clients.reduce((all, client) => all + client[what], 0);
    return {
      stored,
      storedTwice: stored - differing,
      lost: sum('holes') + behind.reduce((all, missing) => all + Math.max(0, missing), 0),
      outOfOrder: sum('holes'),
      doubled: sum('doubled'),
      aboveHead: behind.filter((missing) => missing < 0).length,
      cutOff: this.cutOff,
    };
  }

  close(): void {
    this.over = true;
    for (const client of this.clients) client.close();
  }
}

export interface Audit {
  /** Rows in the table. */
  stored: number;
  storedTwice: number;
  /** Deliveries that did not come, over all clients. */
  lost: number;
  outOfOrder: number;
  doubled: number;
  /** Clients that were shown more than the table has. */
  aboveHead: number;
  cutOff: number;
}
