import { z } from 'zod';
import { MessageId, RoomId, Seq, Timestamp, UserId } from './ids.js';
import { MESSAGE_MAX_CODE_POINTS } from './limits.js';

/** C0 controls other than tab and line feed, and DEL: no text needs them, and they forge log lines and terminals. */
const FORBIDDEN_CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F]/;

/** Neither blank, nor invisible formatting, nor one of the blank letters (Hangul fillers, Braille blank). */
const VISIBLE = /[^\s\p{C}\u115F\u1160\u3164\uFFA0\u2800]/u;

const isText = (text: string): boolean => text.isWellFormed() && !FORBIDDEN_CONTROLS.test(text) && VISIBLE.test(text);

/** Length as people count it; what the limit of a message is about. */
export const codePoints = (text: string): number => {
  let count = text.length;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xd800) count--;
  return count;
};

export const MessageText = z
  .string()
  .refine((text) => codePoints(text) <= MESSAGE_MAX_CODE_POINTS, `at most ${MESSAGE_MAX_CODE_POINTS} characters`)
  .refine(isText, 'must be visible, well-formed Unicode without control characters')
  .meta({
    minLength: 1,
    maxLength: MESSAGE_MAX_CODE_POINTS,
    description:
      'What was said. Lengths in code points; something visible; of control characters only tab and line feed.',
  });

const place = {
  roomId: RoomId,
  seq: Seq,
  ordinal: z.int().min(0).meta({ description: 'How many messages the room had up to here; only messages raise it.' }),
  createdAt: Timestamp,
};

export const Message = z
  .strictObject({
    kind: z.literal('message'),
    ...place,
    id: MessageId,
    senderId: UserId,
    text: z.string().nullable().meta({ description: 'As last edited; null once deleted.' }),
    changedSeq: Seq.optional().meta({ description: 'Seq of the newest change folded into this message, if any.' }),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof Message>;

/** What happened to the room itself. `userId` is whom it happened to. */
export const SystemEvent = z.enum(['created', 'joined', 'left']);
export type SystemEvent = z.infer<typeof SystemEvent>;

export const SystemEntry = z
  .strictObject({
    kind: z.literal('system'),
    ...place,
    event: SystemEvent,
    userId: UserId,
    name: z.string().meta({ description: 'Display name of that person when it happened.' }),
  })
  .meta({ id: 'SystemEntry' });
export type SystemEntry = z.infer<typeof SystemEntry>;

export const ChangeEntry = z
  .strictObject({
    kind: z.literal('change'),
    ...place,
    targetSeq: Seq.meta({ description: 'The message that changed. Apply only if seq is above its changedSeq.' }),
    text: z.string().nullable().meta({ description: 'The text after the change; null: the message was deleted.' }),
  })
  .meta({ id: 'ChangeEntry', description: 'Carries the resulting absolute state of the message it changed.' });
export type ChangeEntry = z.infer<typeof ChangeEntry>;

/** The unit of history, resume and live delivery: everything that happens in a room takes the next seq. */
export const Entry = z.discriminatedUnion('kind', [Message, SystemEntry, ChangeEntry]).meta({ id: 'Entry' });
export type Entry = z.infer<typeof Entry>;

/** What lies in history: changes are folded into the messages they changed. */
export const HistoryEntry = z.discriminatedUnion('kind', [Message, SystemEntry]).meta({ id: 'HistoryEntry' });
export type HistoryEntry = z.infer<typeof HistoryEntry>;
