import { MessageId, RoomId, Seq, SystemEvent, Timestamp, UserId } from '@maru/contract';
import { z } from 'zod';

/**
 * Every fact that is told after it is on disk. A fact names what happened and where; what was said lies in the log and
 * nowhere else, so that a deleted text is gone from everywhere at once.
 */
export const eventMap = {
  /** Something was said. */
  'message.created': z.strictObject({
    roomId: RoomId,
    seq: Seq,
    ordinal: z.int().min(1),
    id: MessageId,
    senderId: UserId,
    mentions: z.array(UserId),
    createdAt: Timestamp,
  }),
  /** A message was edited, deleted, reacted to or pinned. */
  'message.changed': z.strictObject({
    roomId: RoomId,
    seq: Seq,
    targetSeq: Seq,
    actorId: UserId,
    type: z.enum(['edited', 'deleted', 'reacted', 'pinned']),
  }),
  /** The room itself, or who is in it, changed. */
  'room.changed': z.strictObject({ roomId: RoomId, seq: Seq, event: SystemEvent, userId: UserId }),
} as const;

export type EventMap = { [Name in keyof typeof eventMap]: z.output<(typeof eventMap)[Name]> };
export type EventName = keyof EventMap;
export type DomainEvent = { [Name in EventName]: { name: Name; data: EventMap[Name] } }[EventName];

const Envelope = z.strictObject({ name: z.string(), data: z.unknown() });

export const eventText = ({ name, data }: DomainEvent): string => JSON.stringify({ name, data });

/** Throws on what is no event of the map. */
export function eventFrom(text: string): DomainEvent {
  const { name, data } = Envelope.parse(JSON.parse(text));
  const schema = Object.hasOwn(eventMap, name) ? eventMap[name as EventName] : undefined;
  if (schema === undefined) throw new Error(`no event is called ${name}`);
  return { name, data: schema.parse(data) } as DomainEvent;
}
