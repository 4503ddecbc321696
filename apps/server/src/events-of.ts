import type { Entry } from '@maru/contract';
import type { DomainEvent } from '@maru/events';

/** What is told of entries once they are on disk. */
export function eventsOf(entries: readonly Entry[]): DomainEvent[] {
  return entries.flatMap((entry): DomainEvent | [] => {
    const { roomId, seq } = entry;
    switch (entry.kind) {
      case 'message': {
        const { ordinal, id, senderId, mentions = [], createdAt } = entry;
        return { name: 'message.created', data: { roomId, seq, ordinal, id, senderId, mentions, createdAt } };
      }
      case 'change': {
        const { targetSeq, actorId, change } = entry;
        return { name: 'message.changed', data: { roomId, seq, targetSeq, actorId, type: change.type } };
      }
      case 'system':
        return { name: 'room.changed', data: { roomId, seq, event: entry.event, userId: entry.userId } };
      case 'hidden':
        return [];
    }
  });
}
