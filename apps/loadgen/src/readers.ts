import { Agent, request } from 'node:http';
import type { Crowd } from './crowd.ts';
import { Latencies, type Summary } from './latencies.ts';
import { lasts } from './load.ts';
import { shuffled } from './schedule.ts';
import type { Target } from './target.ts';

/** How often something is asked a second, by all people together. */
export interface ReadMix {
  /** The newest page of history, over REST. */
  history: number;
  /** The list of rooms with what is unread in them, over REST. */
  roomList: number;
  /** Somebody says how far he has read, over the socket; nothing is answered. */
  cursors: number;
}

const CONNECTIONS = 32;
/** More is not asked while so much is unanswered; what is left out counts as failed. */
const UNANSWERED_MAX = 500;

type Kind = keyof ReadMix;

/** Reads besides what is said, in an open loop as well: timed from when each was due. */
export class Readers {
  failed = 0;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  private readonly done: Record<Kind, number> = { history: 0, roomList: 0, cursors: 0 };
  private readonly times: Record<'history' | 'roomList', Latencies> = {
    history: new Latencies(),
    roomList: new Latencies(),
  };
  private readonly target: Target;
  private readonly crowd: Crowd;
  private readonly mix: ReadMix;
  private readonly order: Uint32Array;
  private start: number | undefined;
  private unanswered = 0;

  constructor(target: Target, crowd: Crowd, mix: ReadMix) {
    this.target = target;
    this.crowd = crowd;
    this.mix = mix;
    this.order = shuffled(crowd.people.length);
  }

  /** Does what is due by now. */
  act(now: number): void {
    this.start ??= now;
    for (const kind of Object.keys(this.done) as Kind[]) {
      const gap = 1_000 / this.mix[kind];
      for (let at = this.start + this.done[kind] * gap; at <= now; at += gap) {
        const index = this.order[this.done[kind]++ % this.order.length] as number;
        if (kind === 'cursors') this.crowd.clients[index]?.haveRead();
        else this.ask(kind, index, at);
      }
    }
  }

  async settle(): Promise<void> {
    while (this.unanswered > 0) await lasts(20);
    this.agent.destroy();
  }

  summaries(): Record<string, Summary> {
    return { history: this.times.history.summary(), roomList: this.times.roomList.summary() };
  }

  private ask(kind: 'history' | 'roomList', index: number, dueAt: number): void {
    const person = this.crowd.people[index];
    if (person === undefined || this.unanswered >= UNANSWERED_MAX) return void this.failed++;
    const path = kind === 'history' ? `/api/rooms/${person.room}/messages?limit=50` : '/api/me/rooms?limit=50';
    this.unanswered++;
    let over = false;
    const end = (ok: boolean): void => {
      if (over) return;
      over = true;
      this.unanswered--;
      if (ok) this.times[kind].record(0, performance.now() - dueAt);
      else this.failed++;
    };
    const asked = request(
      this.target.url + path,
      { agent: this.agent, headers: { authorization: `Bearer ${person.token}` } },
      (response) => {
        response.resume();
        response.on('end', () => end(response.statusCode === 200));
        response.on('error', () => end(false));
      },
    );
    asked.on('error', () => end(false));
    asked.end();
  }
}
