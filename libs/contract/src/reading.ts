import { z } from 'zod';
import { RoomId, Seq, UserId } from './ids.js';
import { NUMBERS_MAX } from './limits.js';
import { Person } from './people.js';

/** How far somebody has read. It moves forward only, and never past the head. */
export const ReadCursor = z
  .strictObject({
    seq: Seq.meta({ description: 'Everything up to here is read.' }),
    ordinal: z.int().min(0).meta({ description: 'How many messages that is, of all that the room has had.' }),
  })
  .meta({ id: 'ReadCursor' });
export type ReadCursor = z.infer<typeof ReadCursor>;

export const Notify = z
  .enum(['all', 'mentions', 'none'])
  .meta({ id: 'Notify', description: 'What of a room its member wants to be notified of.' });
export type Notify = z.infer<typeof Notify>;

export const RoomPreferences = z
  .strictObject({
    notify: Notify,
    pinned: z.boolean().meta({ description: 'Stands above the others in my list.' }),
    markedUnread: z.boolean().meta({
      description: 'A private mark that ends when I read on. Nobody’s unread numbers change with it.',
    }),
  })
  .meta({ id: 'RoomPreferences', description: 'How one member wants to have a room. Nobody else sees it.' });
export type RoomPreferences = z.infer<typeof RoomPreferences>;

/** What a member may say about how far he has read. */
export const ReadRoom = z
  .strictObject({
    roomId: RoomId,
    seq: Seq.meta({ description: 'The newest entry that was seen. Below what is read already: nothing changes.' }),
  })
  .meta({ id: 'ReadRoom' });

export const PreferRoom = z
  .strictObject({
    roomId: RoomId,
    notify: Notify.optional(),
    pinned: z.boolean().optional(),
    markedUnread: z.boolean().optional(),
  })
  .meta({ id: 'PreferRoom' });

/** My own side of a room changed, here or on another device of mine. */
export const RoomMine = z
  .strictObject({ roomId: RoomId, read: ReadCursor.optional(), preferences: RoomPreferences.optional() })
  .meta({ id: 'RoomMine', description: 'Absolute; of cursors the furthest counts.' });
export type RoomMine = z.infer<typeof RoomMine>;

export const RoomMentioned = z
  .strictObject({ roomId: RoomId, seq: Seq })
  .meta({ id: 'RoomMentioned', description: 'This message mentions me.' });
export type RoomMentioned = z.infer<typeof RoomMentioned>;

/** One step forward of one cursor. */
export const ReadRange = z
  .strictObject({
    version: z.int().min(1),
    userId: UserId,
    from: Seq.meta({ description: 'Read up to here before; not included.' }),
    to: Seq.meta({ description: 'Read up to here now. Of somebody who left: where he left.' }),
  })
  .meta({ id: 'ReadRange' });
export type ReadRange = z.infer<typeof ReadRange>;

const generation = z.string().meta({
  description: 'New when the cursors were counted anew. Versions of different generations do not compare.',
});

export const RoomReads = z
  .strictObject({
    roomId: RoomId,
    generation,
    version: z.int().min(0).meta({ description: 'The highest that is known to have been given out.' }),
    ranges: z.array(ReadRange),
  })
  .meta({
    id: 'RoomReads',
    description:
      'Of a viewed room. Each range takes one off the number of every message in (from, to] that this person did not send, once: ranges at or below the version of the numbers one has are in them already. A version that stays missing or another generation: read the numbers again.',
  });
export type RoomReads = z.infer<typeof RoomReads>;

export const UnreadNumbersRead = z
  .strictObject({
    roomId: RoomId,
    from: Seq.meta({ description: 'First message that is wanted.' }),
    to: Seq.optional().meta({ description: 'Last one; left out: the newest.' }),
  })
  .meta({ id: 'UnreadNumbersRead' });
export type UnreadNumbersRead = z.infer<typeof UnreadNumbersRead>;

export const UnreadNumbers = z
  .strictObject({
    roomId: RoomId,
    generation,
    version: z.int().min(0).meta({ description: 'Ranges up to here are in these numbers.' }),
    members: z.int().min(0).meta({ description: 'Members who are counted.' }),
    membersSeq: Seq.meta({ description: 'The entry after which these were the members.' }),
    from: Seq,
    to: Seq.meta({ description: 'Last seq that the numbers cover.' }),
    numbers: z
      .array(z.tuple([Seq, z.int().min(1)]))
      .max(NUMBERS_MAX)
      .meta({ description: 'Messages that somebody has not read: seq, and how many people. Left out: everybody has.' }),
  })
  .meta({
    id: 'UnreadNumbers',
    description: `How many members have not read a message: those who were there when it was said, are there now, did not send it, and have not read that far. Of the newest ${NUMBERS_MAX} messages of the range.`,
  });
export type UnreadNumbers = z.infer<typeof UnreadNumbers>;

export const Readers = z
  .strictObject({
    items: z.array(Person),
    next: UserId.nullable().meta({ description: 'Pass it as `after` for the next page; null: this was the last.' }),
  })
  .meta({ id: 'Readers' });
export type Readers = z.infer<typeof Readers>;
