import type { ReadCursor, RoomId, UserId } from '@maru/contract';
import { LuaScript, type Redis } from '@maru/redis';
import { uuidv7 } from 'uuidv7';
import { z } from 'zod';
import { cursorKeys } from './cursor-keys.js';
import type { MemberChange, Reading, Snapshot, Step } from './cursor-types.js';
import type { MemberCursors } from './cursors.repository.js';

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

const NOT_MEMBER = -1;

/** What advance() answers: of whom nothing is known, the room is to be filled, or he is no member. */
export interface Moved {
  reading: Reading;
  cursor: ReadCursor | undefined;
  step: Step | undefined;
}

/** Read cursors in Redis. Every call throws while Redis is away; a room's cursors count only once all are loaded. */
export class CursorCache {
  /**
   * `writeAfterMs`: how long a cursor that moved waits to be written to the database, with others of its room. `claimMs`:
   * who took a room to write and has not done so in this time is dead; somebody else writes it.
   */
  constructor(
    private readonly redis: Redis,
    private readonly times = { writeAfterMs: 2_000, claimMs: 5_000 },
  ) {}

  /** One call for each slot, for any number of rooms and people. */
  async advance(readings: readonly Reading[]): Promise<Moved[]> {
    const groups = [...Map.groupBy(readings, ({ roomId }) => cursorKeys.due(roomId))];
    return (await Promise.all(groups.map(([due, inGroup]) => this.advanceGroup(due, inGroup)))).flat();
  }

  private async advanceGroup(due: string, readings: readonly Reading[]): Promise<Moved[]> {
    const byRoom = [...Map.groupBy(readings, ({ roomId }) => roomId)];
    const keys = byRoom.flatMap(([room]) => [cursorKeys.cursors(room), cursorKeys.unwritten(room)]);
    const args = byRoom.flatMap(([room, ofRoom]) => [
      room,
      ofRoom.length,
      ...ofRoom.flatMap(({ userId, seq, ordinal }) => [userId, seq, ordinal]),
    ]);
    const rooms = await advanceCursors.run(this.redis, [due, ...keys], [this.times.writeAfterMs, ...args]);
    return byRoom.flatMap(([, ofRoom], i) => {
      const [generation, ...people] = rooms[i] ?? [''];
      return ofRoom.map((reading, j) => toMoved(reading, generation, people[j]));
    });
  }

  async fill(roomId: RoomId, { membersSeq, members }: MemberCursors): Promise<void> {
    const keptMs = Math.round(KEPT_MS * (1 + Math.random() / 2));
    const args = members.flatMap(({ userId, seq, ordinal }) => [userId, seq, ordinal]);
    const keys = [cursorKeys.cursors(roomId), cursorKeys.unwritten(roomId)];
    await fillCursors.run(this.redis, keys, [uuidv7(), membersSeq, keptMs, ...args]);
  }

  /** undefined: not loaded. */
  async snapshot(roomId: RoomId): Promise<Snapshot | undefined> {
    const {
      _g: generation,
      _v: version,
      _m: membersSeq,
      ...people
    } = await this.redis.hgetall(cursorKeys.cursors(roomId));
    if (generation === undefined) return undefined;
    const cursors = new Map(Object.entries(people).map(([id, value]) => [id as UserId, Number.parseInt(value, 10)]));
    return { generation, version: Number(version), membersSeq: Number(membersSeq), cursors };
  }

  /** One person's cursors; rooms of which nothing is known are left out. */
  async of(userId: UserId, rooms: readonly RoomId[]): Promise<Map<RoomId, ReadCursor>> {
    if (rooms.length === 0) return new Map();
    const keys = rooms.flatMap((room) => [cursorKeys.cursors(room), cursorKeys.unwritten(room)]);
    const values = await readCursors.run(this.redis, keys, [userId]);
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
      [before, after, ...args],
    );
    return steps.map(([version, from], i) => {
      const { userId, seq } = changes[i] as MemberChange;
      return { generation, version, userId, from, to: seq };
    });
  }

  /** Nothing of what is known of the room counts any more, not even what the database does not have yet. */
  async forget(roomId: RoomId): Promise<void> {
    await this.redis.del(cursorKeys.cursors(roomId), cursorKeys.unwritten(roomId));
  }

  /** Rooms whose cursors are to be written now, for this caller alone for a while. */
  async claim(): Promise<RoomId[]> {
    return (
      await claimDirty.run(this.redis, cursorKeys.allDue, [CLAIMED_ROOMS, this.times.claimMs])
    ).flat() as RoomId[];
  }

  async unwritten(roomId: RoomId): Promise<Reading[]> {
    const people = await this.redis.hgetall(cursorKeys.unwritten(roomId));
    return Object.entries(people).map(([userId, value]) => ({ roomId, userId: userId as UserId, ...parsed(value) }));
  }

  /** The database has these. */
  async settle(roomId: RoomId, readings: readonly Reading[]): Promise<void> {
    const keys = [cursorKeys.due(roomId), cursorKeys.unwritten(roomId)];
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
