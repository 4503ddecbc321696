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
  readonly target: Target;
  /** Connections that ended without being asked to. */
  cutOff = 0;
  private readonly ledger: Ledger | undefined;
  /** Of connections that were replaced. */
  private readonly before = { holes: 0, doubled: 0 };
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

  /** Connects one of them, and resumes after its newest seq if it was there before; resolves when it is live. */
  connect(index: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { ledger } = this;
    const late = setTimeout(
      () => reject(new Error(`client ${index} is not live after ${PATIENCE_MS} ms`)),
      PATIENCE_MS,
    );
    const replaced = this.clients[index];
    this.before.holes += replaced?.holes ?? 0;
    this.before.doubled += replaced?.doubled ?? 0;
    const client = new RawClient(
      this.target.urlOf?.(index) ?? this.target.url,
      this.people[index] as LoadPerson,
      {
        live: () => {
          clearTimeout(late);
          resolve();
        },
        gone: (reason, wasLive) => {
          clearTimeout(late);
          if (wasLive && !this.over) {
            this.cutOff++;
            this.options.cutOff?.(index);
          }
          reject(new Error(`client ${index}: ${reason}`));
        },
        acked: (number, ok, text, at) => ledger?.answer(index, number, ok, text, at),
        ...(ledger === undefined ? {} : { entries: (text, at) => ledger.show(index, text, at) }),
      },
      replaced?.seq ?? null,
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
    while (ledger.answered < ledger.sent || ledger.delivered < ledger.owed) {
      const progress = ledger.answered + ledger.delivered;
      if (progress !== seen) [seen, since] = [progress, performance.now()];
      else if (performance.now() - since > QUIET_MS) return;
      await lasts(50);
    }
    // whatever comes too much
    await lasts(300);
  }

  /** Seqs that did not follow each other, over all connections that there were. */
  broken(): { holes: number; doubled: number } {
    return this.clients.reduce(
      (sum, { holes, doubled }) => ({ holes: sum.holes + holes, doubled: sum.doubled + doubled }),
      this.before,
    );
  }

  close(): void {
    this.over = true;
    for (const client of this.clients) client.close();
  }
}
