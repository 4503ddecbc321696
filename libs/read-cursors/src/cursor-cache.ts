import type { ReadCursor, RoomId, UserId } from '@maru/contract';
import { callSlots, LuaScript, type RedisClient } from '@maru/redis';
import { uuidv7 } from 'uuidv7';
import { z } from 'zod';
import { cursorKeys } from './cursor-keys.js';
import type { MemberChange, Reading, Snapshot, Step, Version } from './cursor-types.js';
import type { MemberCursors } from './cursors.repository.js';
import { ServerRun } from './server-run.js';

const FOLDER = new URL('../src/scripts/', import.meta.url);
const moved = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const advanceCursors = new LuaScript('advance-cursors', z.array(z.tuple([z.string()], moved)), FOLDER);
const fillCursors = new LuaScript('fill-cursors', z.number(), FOLDER);
const changeMembers = new LuaScript('change-members', z.tuple([z.string()], z.tuple([z.number(), z.number()])), FOLDER);
const readCursors = new LuaScript('read-cursors', z.array(z.string()), FOLDER);
const claimDirty = new LuaScript('claim-dirty', z.array(z.array(z.string())), FOLDER);
const settleCursors = new LuaScript('settle-cursors', z.number(), FOLDER);

const CLAIMED_ROOMS = 200;
/** Cursors are loaded anew after so long, spread over half as much again: whatever went wrong ends with it. */
const KEPT_MS = 1_800_000;

/** Members of one call: a script must not keep the server long, and an array of arguments has an end. */
const FILL_PART = 5_000;
const NOT_MEMBER = -1;

/** What advance() answers: of whom nothing is known, the room is to be filled, or he is no member. */
export interface Moved {
  reading: Reading;
  cursor: ReadCursor | undefined;
  step: Step | undefined;
}

/** Read cursors in Redis. Every call throws while Redis is away; a room's cursors count only once all are loaded. */
export class CursorCache {
  private readonly server: ServerRun;

  /**
   * `writeAfterMs`: how long a cursor that moved waits to be written to the database, with others of its room. `claimMs`:
   * who took a room to write and has not done so in this time is dead; somebody else writes it.
   */
  constructor(
    private readonly redis: RedisClient,
    private readonly times = { writeAfterMs: 2_000, claimMs: 5_000 },
  ) {
    this.server = new ServerRun(redis);
  }

  /** One call for each slot, for any number of rooms and people. */
  async advance(readings: readonly Reading[]): Promise<Moved[]> {
    const run = await this.server.id();
    const groups = [...Map.groupBy(readings, ({ roomId }) => cursorKeys.due(roomId))];
    return (await Promise.all(groups.map(([due, inGroup]) => this.advanceGroup(run, due, inGroup)))).flat();
  }

  private async advanceGroup(run: string, due: string, readings: readonly Reading[]): Promise<Moved[]> {
    const byRoom = [...Map.groupBy(readings, ({ roomId }) => roomId)];
    const keys = byRoom.flatMap(([room]) => [cursorKeys.cursors(room), cursorKeys.unwritten(room)]);
    const args = byRoom.flatMap(([room, ofRoom]) => [
      room,
      ofRoom.length,
      ...ofRoom.flatMap(({ userId, seq, ordinal }) => [userId, seq, ordinal]),
    ]);
    const rooms = await advanceCursors.run(this.redis, [due, ...keys], [this.times.writeAfterMs, run, ...args]);
    return byRoom.flatMap(([, ofRoom], i) => {
      const [generation, ...people] = rooms[i] ?? [''];
      return ofRoom.map((reading, j) => toMoved(reading, generation, people[j]));
    });
  }

  /** What fill() wants to know from before the database was read. */
  async settled(roomId: RoomId): Promise<string> {
    return (await this.redis.get(cursorKeys.settled(roomId))) ?? '0';
  }

  /** Returns false where the database is to be read once more. */
  async fill(roomId: RoomId, { membersSeq, historyEpoch, members }: MemberCursors, settled: string): Promise<boolean> {
    const run = await this.server.id();
    const generation = uuidv7();
    const keptMs = Math.round(KEPT_MS * (1 + Math.random() / 2));
    const { cursors, unwritten, filling, settled: counter } = cursorKeys;
    const keys = [cursors(roomId), unwritten(roomId), filling(roomId, generation), counter(roomId)];
    for (let i = 0; ; i += FILL_PART) {
      const isLast = i + FILL_PART >= members.length;
      const part = members.slice(i, i + FILL_PART).flatMap(({ userId, seq, ordinal }) => [userId, seq, ordinal]);
      const about = [isLast ? 'last' : 'part', run, generation, membersSeq, historyEpoch, keptMs, settled];
      const filled = await fillCursors.run(this.redis, keys, [...about, ...part]);
      if (filled !== 1 || isLast) return filled >= 0;
    }
  }

  /** undefined: not loaded. */
  async snapshot(roomId: RoomId): Promise<Snapshot | undefined> {
    const run = await this.server.id();
    const found = await this.redis.hgetall(cursorKeys.cursors(roomId));
    const { _g: generation, _v: version, _m: membersSeq, _e: historyEpoch, _r: loadedIn, ...people } = found;
    if (generation === undefined || loadedIn !== run) return undefined;
    const cursors = new Map(Object.entries(people).map(([id, value]) => [id as UserId, Number.parseInt(value, 10)]));
    return {
      generation,
      version: Number(version),
      membersSeq: Number(membersSeq),
      historyEpoch: Number(historyEpoch),
      cursors,
    };
  }

  /** The newest step of each room; rooms that are not loaded are left out. */
  async versions(rooms: readonly RoomId[]): Promise<Map<RoomId, Version>> {
    const run = await this.server.id();
    const found = await Promise.all(rooms.map((room) => this.redis.hmget(cursorKeys.cursors(room), '_g', '_v', '_r')));
    return new Map(
      rooms.flatMap((room, i) => {
        const [generation, version, loadedIn] = found[i] ?? [];
        return generation && loadedIn === run ? [[room, { generation, version: Number(version) }] as const] : [];
      }),
    );
  }

  /** One person's cursors; rooms of which nothing is known are left out. */
  async of(userId: UserId, rooms: readonly RoomId[]): Promise<Map<RoomId, ReadCursor>> {
    if (rooms.length === 0) return new Map();
    const run = await this.server.id();
    const values = await callSlots(this.redis, rooms, cursorKeys.cursors, (some) => {
      const keys = some.flatMap((room) => [cursorKeys.cursors(room), cursorKeys.unwritten(room)]);
      return readCursors.run(this.redis, keys, [userId, run]);
    });
    return new Map(rooms.flatMap((room, i) => (values[i] ? [[room, parsed(values[i])] as const] : [])));
  }

  /** Returns the steps that viewers are to be told; none where nothing is loaded. */
  async changeMembers(
    roomId: RoomId,
    before: number,
    after: number,
    changes: readonly MemberChange[],
  ): Promise<Step[]> {
    const args = changes.flatMap(({ way, userId, seq, ordinal }) => [way, userId, seq, ordinal]);
    const [generation, ...steps] = await changeMembers.run(
      this.redis,
      [cursorKeys.cursors(roomId)],
      [await this.server.id(), before, after, ...args],
    );
    return steps.map(([version, from], i) => {
      const { userId, seq } = changes[i] as MemberChange;
      return { generation, version, userId, from, to: seq };
    });
  }

  /** What is loaded does not count any more; with `unwritten`, what the database does not have yet neither. */
  async forget(roomId: RoomId, unwritten: boolean): Promise<void> {
    await this.redis.del(cursorKeys.cursors(roomId), ...(unwritten ? [cursorKeys.unwritten(roomId)] : []));
  }

  /** Rooms whose cursors are to be written now, for this caller alone for a while. */
  async claim(): Promise<RoomId[]> {
    const claimed = await callSlots(
      this.redis,
      cursorKeys.allDue,
      (due) => due,
      (some) => claimDirty.run(this.redis, some, [CLAIMED_ROOMS, this.times.claimMs]),
    );
    return claimed.flat() as RoomId[];
  }

  async unwritten(roomId: RoomId): Promise<Reading[]> {
    const people = await this.redis.hgetall(cursorKeys.unwritten(roomId));
    return Object.entries(people).map(([userId, value]) => ({ roomId, userId: userId as UserId, ...parsed(value) }));
  }

  /** The database has these. */
  async settle(roomId: RoomId, readings: readonly Reading[]): Promise<void> {
    const keys = [cursorKeys.due(roomId), cursorKeys.unwritten(roomId), cursorKeys.settled(roomId)];
    const args = readings.flatMap(({ userId, seq, ordinal }) => [userId, `${seq} ${ordinal}`]);
    await settleCursors.run(this.redis, keys, [roomId, ...args]);
  }
}

function parsed(value: string): ReadCursor {
  const [seq, ordinal] = value.split(' ').map(Number);
  return { seq: seq ?? 0, ordinal: ordinal ?? 0 };
}

function toMoved(reading: Reading, generation: string, answer: z.infer<typeof moved> | undefined): Moved {
  const [version, from, seq, ordinal] = answer ?? [NOT_MEMBER, 0, 0, 0];
  if (version === NOT_MEMBER) return { reading, cursor: undefined, step: undefined };
  const { userId } = reading;
  const step = version === 0 ? undefined : { generation, version, userId, from, to: seq };
  return { reading, cursor: { seq, ordinal }, step };
}
