import { z } from 'zod';
import { MessageId, RoomId, Seq, Timestamp, UserId } from './ids.js';
import { MENTIONS_MAX, MESSAGE_MAX_CODE_POINTS, REACTIONS_MAX } from './limits.js';
import { RoomSettings } from './room-settings.js';

/** C0 controls other than tab and line feed, and DEL: no text needs them, and they forge log lines and terminals. */
const FORBIDDEN_CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F]/;

/** Neither blank, nor invisible formatting, nor one of the blank letters (Hangul fillers, Braille blank). */
export const VISIBLE = /[^\s\p{C}\u115F\u1160\u3164\uFFA0\u2800]/u;

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

/** One emoji as people count them (UTS #51), however many code points it takes. */
const ONE_EMOJI = /^\p{RGI_Emoji}$/v;

export const Emoji = z
  .string()
  .max(64)
  .refine((text) => ONE_EMOJI.test(text), 'must be one emoji')
  .meta({ description: 'One emoji of those recommended for general interchange (RGI, UTS #51).' });

export const Reaction = z
  .strictObject({
    emoji: Emoji,
    count: z.int().min(1),
    mine: z.literal(true).optional().meta({
      description: 'I am among them. Told in answers to me only: from then on it follows from my own changes.',
    }),
  })
  .meta({ id: 'Reaction' });
export type Reaction = z.infer<typeof Reaction>;

const place = {
  roomId: RoomId,
  seq: Seq,
  ordinal: z.int().min(0).meta({ description: 'How many messages the room had up to here; only messages raise it.' }),
  createdAt: Timestamp,
};

const mentions = z
  .array(UserId)
  .max(MENTIONS_MAX)
  .optional()
  .meta({ description: 'Members whose @name stands in the text. Left out: nobody.' });
const reactions = z.array(Reaction).max(REACTIONS_MAX);

export const Message = z
  .strictObject({
    kind: z.literal('message'),
    ...place,
    id: MessageId,
    senderId: UserId,
    text: z.string().nullable().meta({ description: 'As last edited; null once deleted.' }),
    replyTo: Seq.optional().meta({ description: 'The message of this room that this one answers.' }),
    mentions,
    editedAt: Timestamp.optional(),
    reactions: reactions.optional().meta({ description: 'In the order of their first use. Left out: none.' }),
    pinned: z.literal(true).optional(),
    changedSeq: Seq.optional().meta({ description: 'Seq of the newest change folded into this message, if any.' }),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof Message>;

/** What happened to the room itself. `userId` is whom it happened to, or who did what happened to the room. */
export const SystemEvent = z.enum([
  'created',
  'joined',
  'added',
  'left',
  'kicked',
  'banned',
  'muted',
  'unmuted',
  'role',
  'owner',
  'renamed',
  'topic',
  'settings',
  'archived',
  'unarchived',
  'deleted',
]);
export type SystemEvent = z.infer<typeof SystemEvent>;

export const SystemEntry = z
  .strictObject({
    kind: z.literal('system'),
    ...place,
    event: SystemEvent,
    userId: UserId,
    name: z.string().meta({ description: 'Display name of that person when it happened.' }),
    by: z
      .strictObject({ userId: UserId, name: z.string() })
      .optional()
      .meta({ description: 'Who did it, where that was somebody else.' }),
    to: z.string().optional().meta({ description: 'The new name, topic or role.' }),
    until: Timestamp.optional().meta({ description: 'When a ban or a mute ends; left out: when somebody ends it.' }),
    settings: RoomSettings.optional().meta({ description: 'The settings after they changed.' }),
  })
  .meta({ id: 'SystemEntry' });
export type SystemEntry = z.infer<typeof SystemEntry>;

/** What a change made of its message: the resulting state of the part that it changed. */
export const Change = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('edited'), text: z.string(), mentions, editedAt: Timestamp }),
    z.strictObject({ type: z.literal('deleted') }),
    z.strictObject({
      type: z.literal('reacted'),
      emoji: Emoji,
      on: z.boolean().meta({ description: 'Whether the actor is among them now.' }),
      reactions,
    }),
    z.strictObject({ type: z.literal('pinned'), pinned: z.boolean() }),
  ])
  .meta({
    id: 'Change',
    description:
      'After `deleted` a message has no text, mentions, reactions, pin or time of editing any more; it keeps its place.',
  });
export type Change = z.infer<typeof Change>;

export const ChangeEntry = z
  .strictObject({
    kind: z.literal('change'),
    ...place,
    targetSeq: Seq.meta({ description: 'The message that changed. Apply only if seq is above its changedSeq.' }),
    actorId: UserId,
    change: Change,
  })
  .meta({
    id: 'ChangeEntry',
    description:
      'Carries the resulting absolute state of what it changed. One thing counts whatever changedSeq says: a reaction of mine tells whether I am among them, for a message can come with its present state and without `mine`.',
  });
export type ChangeEntry = z.infer<typeof ChangeEntry>;

export const HiddenEntry = z
  .strictObject({ kind: z.literal('hidden'), ...place })
  .meta({ id: 'HiddenEntry', description: 'Takes its place in the order; what it says is not for this reader.' });
export type HiddenEntry = z.infer<typeof HiddenEntry>;

/** The unit of history, resume and live delivery: everything that happens in a room takes the next seq. */
export const Entry = z
  .discriminatedUnion('kind', [Message, SystemEntry, ChangeEntry, HiddenEntry])
  .meta({ id: 'Entry' });
export type Entry = z.infer<typeof Entry>;

/** What lies in history: changes are folded into the messages they changed. */
export const HistoryEntry = z.discriminatedUnion('kind', [Message, SystemEntry]).meta({ id: 'HistoryEntry' });
export type HistoryEntry = z.infer<typeof HistoryEntry>;
