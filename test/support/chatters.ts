import { MaruClient, type RoomView } from '@maru/client';
import type { MessageId, RoomId } from '@maru/contract';
import { createConnection } from 'mysql2/promise';
import { onTestFinished } from 'vitest';
import { newName, PASSWORD, roomOf, until } from './system.js';

/** What one person wrote: his order, and what became of it. */
interface Written {
  id: MessageId;
  roomId: RoomId;
  text: string;
}

export interface Chatter {
  client: MaruClient;
  rooms: RoomView[];
  written: Written[];
  /** Entries as they were shown, by room: seqs as they first appeared. */
  shown: Map<RoomId, number[]>;
  delays: { at: number; ms: number }[];
}

/**
 * People who chat in rooms of ten, through one address and so spread over the nodes. Each room's people share it with
 * people of other nodes. They write until `rest` and note what they were shown, and when.
 */
export async function chatters(url: string, count: number): Promise<Crowd> {
  const people: Chatter[] = [];
  const groups = Math.ceil(count / 10);
  const connect = async (): Promise<Chatter> => {
    const client = new MaruClient({ url, schedule: (notify) => notify() });
    onTestFinished(() => client.close());
    await client.session.register(newName(), PASSWORD);
    client.connection.connect();
    await until(() => {
      if (!client.connection.online) throw new Error('not connected');
    });
    return { client, rooms: [], written: [], shown: new Map(), delays: [] };
  };
  for (let i = 0; i < count; i += 10) {
    people.push(...(await Promise.all(Array.from({ length: Math.min(10, count - i) }, connect))));
  }
  for (let group = 0; group < groups; group++) {
    const members = people.filter((_, i) => i % groups === group);
    const [owner, ...others] = members.map(({ client }) => client);
    if (owner === undefined) continue;
    const room = await roomOf(owner, ...others);
    for (const member of members) view(member, room.id);
  }
  await until(() => {
    for (const { rooms } of people) {
      for (const { store } of rooms) if (store.get().status !== 'open') throw new Error('a room is not open');
    }
  });
  return new Crowd(people);
}

function view(person: Chatter, roomId: RoomId): void {
  const room = person.client.room(roomId);
  const shown: number[] = [];
  let to = 0;
  person.rooms.push(room);
  person.shown.set(roomId, shown);
  room.store.subscribe(() => {
    const { timeline, status } = room.store.get();
    const live = status === 'open';
    for (let i = timeline.entries.length - 1; i >= 0 && (timeline.entries[i]?.seq ?? 0) > to; i--) {
      const { createdAt, kind } = timeline.entries[i] as { createdAt: number; kind: string };
      if (live && kind === 'message') person.delays.push({ at: Date.now(), ms: Date.now() - createdAt });
    }
    for (const { seq } of timeline.entries) if (seq > to) shown.push(seq);
    to = Math.max(to, timeline.entries.at(-1)?.seq ?? 0);
  });
  room.open();
}

export class Crowd {
  private timer: NodeJS.Timeout | undefined;
  private count = 0;

  constructor(readonly people: readonly Chatter[]) {}

  /** Everybody says something `perSecond` times a second, spread over that second. */
  chat(perSecond: number): void {
    const { people } = this;
    let next = 0;
    this.timer = setInterval(
      () => this.say(people[next++ % people.length] as Chatter),
      1_000 / (perSecond * people.length),
    );
    onTestFinished(() => clearInterval(this.timer));
  }

  private say({ client, rooms, written }: Chatter): void {
    const room = rooms[this.count++ % rooms.length] as RoomView;
    const text = `${client.session.store.get().person?.name} ${written.length}`;
    written.push({ id: room.send(text), roomId: room.id, text });
  }

  get said(): number {
    return this.count;
  }

  /** Stops writing and waits until everything has been acknowledged and shown everywhere. */
  async rest(): Promise<void> {
    clearInterval(this.timer);
    await until(() => {
      for (const { rooms } of this.people) {
        for (const { store } of rooms) {
          const { outgoing, status } = store.get();
          if (outgoing.length > 0 || status !== 'open') throw new Error(`${outgoing.length} on their way, ${status}`);
        }
      }
    });
    await until(() => {
      const heads = new Map<RoomId, number>();
      for (const { rooms } of this.people) {
        for (const { id, store } of rooms) heads.set(id, Math.max(heads.get(id) ?? 0, store.get().timeline.to));
      }
      for (const { rooms } of this.people) {
        for (const { id, store } of rooms) {
          if (store.get().timeline.to !== heads.get(id)) throw new Error('somebody is behind');
        }
      }
    });
  }

  get failed(): number {
    return this.people
      .flatMap(({ rooms }) => rooms.flatMap(({ store }) => store.get().outgoing))
      .filter(({ state }) => state === 'failed').length;
  }

  /** The delay from storing to showing that 99 % stayed below, milliseconds, of what was shown live since then. */
  p99(since: number, until_ = Number.POSITIVE_INFINITY): number {
    const all = this.people.flatMap(({ delays }) =>
      delays.filter(({ at }) => at >= since && at < until_).map(({ ms }) => ms),
    );
    return all.toSorted((a, b) => a - b)[Math.floor(all.length * 0.99)] ?? 0;
  }

  /** Holds what was written and shown against the table. Returns what is wrong; nothing, if all is well. */
  async faults(databaseUrl: string): Promise<string[]> {
    const faults: string[] = [];
    const connection = await createConnection(databaseUrl);
    const rooms = new Set(this.people.flatMap(({ rooms: mine }) => mine.map(({ id }) => id)));
    for (const roomId of rooms) {
      const [rows] = (await connection.query(
        "SELECT seq, LOWER(HEX(id)) AS id, body, kind FROM messages WHERE room_id = UNHEX(REPLACE(?, '-', '')) ORDER BY seq",
        [roomId],
      )) as unknown as [{ seq: number; id: string; body: string; kind: number }[]];
      if (rows.some(({ seq }, i) => seq !== i + 1)) faults.push(`${roomId}: seqs are not 1..n`);
      const idAt = new Map(rows.map(({ seq, id }) => [seq, id]));
      const seqOf = new Map(rows.filter(({ kind }) => kind === 0).map(({ seq, id }) => [id, seq]));
      if (seqOf.size !== rows.filter(({ kind }) => kind === 0).length) faults.push(`${roomId}: an id is stored twice`);
      for (const { client, written, shown } of this.people) {
        const seqs = shown.get(roomId);
        if (seqs === undefined) continue;
        const name = client.session.store.get().person?.name;
        const mine = written.filter((message) => message.roomId === roomId);
        const places = mine.map(({ id }) => seqOf.get(id.replaceAll('-', '')));
        if (places.some((seq) => seq === undefined)) faults.push(`${name}: an acknowledged message is lost`);
        if (places.some((seq, i) => i > 0 && (seq ?? 0) <= (places[i - 1] ?? 0)))
          faults.push(`${name}: own order is lost`);
        if (seqs.some((seq, i) => i > 0 && seq <= (seqs[i - 1] ?? 0)))
          faults.push(`${name}: shown twice or out of order`);
        const { timeline } = client.room(roomId).store.get();
        if (timeline.to !== rows.length) faults.push(`${name}: shows ${timeline.to} of ${rows.length}`);
        if (timeline.entries.some(({ seq }, i) => seq !== timeline.from + i)) faults.push(`${name}: shows a hole`);
        for (const entry of timeline.entries) {
          if (entry.kind === 'message' && idAt.get(entry.seq) !== entry.id.replaceAll('-', '')) {
            faults.push(`${name}: shows another order than the table`);
          }
        }
      }
    }
    await connection.end();
    return faults;
  }
}
