import { z } from 'zod';
import { Entry, HistoryEntry, Message, MessageText } from './entries.js';
import type { RefusalCode } from './errors.js';
import { MessageId, RoomId, Seq, Timestamp } from './ids.js';
import { PAGE_DEFAULT, PAGE_MAX, RESUME_MAX } from './limits.js';
import { Person } from './people.js';

export const SendMessage = z
  .strictObject({
    id: MessageId,
    text: MessageText,
    replyTo: Seq.optional().meta({ description: 'The message of this room that this one answers.' }),
  })
  .meta({
    id: 'SendMessage',
    description: 'The id is unique for its sender and room: sent again with the same content it gets the same answer.',
  });
export type SendMessage = z.infer<typeof SendMessage>;

export const MessageSend = z.strictObject({ roomId: RoomId, ...SendMessage.shape }).meta({ id: 'MessageSend' });
export type MessageSend = z.infer<typeof MessageSend>;

export const SEND_REFUSALS = [
  'not-member',
  'muted',
  'archived',
  'conflict',
  'slow-mode',
  'rate-limited',
  'overloaded',
  'unknown',
] as const satisfies RefusalCode[];

export const Stored = z
  .strictObject({ roomId: RoomId, id: MessageId, seq: Seq, ordinal: z.int().min(1), createdAt: Timestamp })
  .meta({ id: 'Stored', description: 'The message is on disk at this place. A resend gets the same answer.' });
export type Stored = z.infer<typeof Stored>;

const MIN_SEQ = 'How new the page must be at least: the newest seq that you have. Left out: as the room is now.';
const page = {
  before: Seq.optional().meta({ description: 'The newest entries below this seq. Not with `after`.' }),
  after: Seq.optional().meta({ description: 'The oldest entries above this seq. Not with `before`.' }),
  limit: z.int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  minSeq: Seq.optional().meta({ description: MIN_SEQ }),
};
const oneEnd = (query: { before?: number | undefined; after?: number | undefined }): boolean =>
  query.before === undefined || query.after === undefined;

/** A seq in a path or a query. */
export const seqParam = z
  .stringFormat('seq', /^\d{1,15}$/)
  .transform(Number)
  .pipe(Seq);
export const HistoryQuery = z
  .strictObject({
    before: seqParam.optional().meta({ description: 'The newest entries below this seq. Not with `after`.' }),
    after: seqParam.optional().meta({ description: 'The oldest entries above this seq. Not with `before`.' }),
    limit: z
      .stringFormat('limit', /^\d{1,3}$/)
      .transform(Number)
      .pipe(z.int().min(1).max(PAGE_MAX))
      .default(PAGE_DEFAULT),
    minSeq: seqParam.optional().meta({ description: MIN_SEQ }),
  })
  .refine(oneEnd, 'before and after exclude each other');
export type HistoryQuery = z.infer<typeof HistoryQuery>;

export const HistoryRead = z
  .strictObject({ roomId: RoomId, ...page })
  .refine(oneEnd, 'before and after exclude each other')
  .meta({ id: 'HistoryRead' });
export type HistoryRead = z.infer<typeof HistoryRead>;

const besides = {
  quoted: z.array(Message).meta({ description: 'Messages that the entries reply to and that are not among them.' }),
  people: z.array(Person).meta({ description: 'Who is named in the entries.' }),
  hiddenUpTo: Seq.meta({
    description: 'Up to here this reader may not see what was said; history begins after it. 0: it sees everything.',
  }),
};

export const HistoryPage = z
  .strictObject({
    roomId: RoomId,
    from: Seq.meta({ description: 'First seq that this page covers.' }),
    to: Seq.meta({ description: 'Last seq that it covers. What is missing inside is folded into what is there.' }),
    head: Seq.meta({ description: 'Newest seq of the room that the answering side knew.' }),
    historyEpoch: z.int().min(1),
    entries: z.array(HistoryEntry).meta({ description: 'In ascending seq.' }),
    ...besides,
  })
  .meta({ id: 'HistoryPage' });
export type HistoryPage = z.infer<typeof HistoryPage>;

export const RoomOpen = z
  .strictObject({
    roomId: RoomId,
    after: Seq.nullable().meta({ description: 'Newest seq already there; null: nothing is, send the newest page.' }),
    historyEpoch: z.int().min(1).optional().meta({ description: 'Of what is already there. Differs: start anew.' }),
  })
  .meta({ id: 'RoomOpen' });
export type RoomOpen = z.infer<typeof RoomOpen>;

export const RoomOpened = z
  .strictObject({
    roomId: RoomId,
    head: Seq.meta({ description: 'What follows live starts at head + 1.' }),
    historyEpoch: z.int().min(1),
    truncated: z.boolean().meta({
      description: `true: entries is the newest history page and covers from..head (nothing was there, it was more than ${RESUME_MAX} entries behind or beyond the head, or history was replaced): throw away what was there or show a gap. false: entries is everything after \`after\`, changes included.`,
    }),
    from: Seq.meta({ description: 'First seq covered by entries.' }),
    entries: z.array(Entry),
    ...besides,
  })
  .meta({ id: 'RoomOpened' });
export type RoomOpened = z.infer<typeof RoomOpened>;

export const RoomClose = z.strictObject({ roomId: RoomId }).meta({ id: 'RoomClose' });
export type RoomClose = z.infer<typeof RoomClose>;

export const RoomEntries = z.strictObject({ roomId: RoomId, entries: z.array(Entry).min(1) }).meta({
  id: 'RoomEntries',
  description: 'In ascending seq. May repeat or, after a fault, arrive late: compare seqs.',
});
export type RoomEntries = z.infer<typeof RoomEntries>;

export const RoomEvicted = z
  .strictObject({ roomId: RoomId, seq: Seq.meta({ description: 'The entry that ended the membership.' }) })
  .meta({ id: 'RoomEvicted', description: 'This socket no longer views the room; nothing above seq follows.' });
export type RoomEvicted = z.infer<typeof RoomEvicted>;

export const RoomReset = z.strictObject({ roomId: RoomId, historyEpoch: z.int().min(1) }).meta({
  id: 'RoomReset',
  description: 'History itself was replaced (a backup was restored): forget the room and open it anew.',
});
export type RoomReset = z.infer<typeof RoomReset>;

export const RoomActivity = z
  .strictObject({
    roomId: RoomId,
    head: Seq,
    ordinal: z.int().min(0),
    last: HistoryEntry.nullable().meta({
      description: 'The newest message or system entry in its present state; null: as it was, or not for this reader.',
    }),
    changed: z.boolean().meta({ description: 'The room itself or its members changed: read my rooms again.' }),
  })
  .meta({ id: 'RoomActivity', description: 'Coalesced, of rooms that this socket watches and does not have open.' });
export type RoomActivity = z.infer<typeof RoomActivity>;

export const RoomJoined = z
  .strictObject({ roomId: RoomId })
  .meta({ id: 'RoomJoined', description: 'This person joined a room, perhaps on another device.' });
export type RoomJoined = z.infer<typeof RoomJoined>;

export const Pins = z.strictObject({ items: z.array(Message), people: z.array(Person) }).meta({ id: 'Pins' });
export type Pins = z.infer<typeof Pins>;
