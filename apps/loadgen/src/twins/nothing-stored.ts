import type { Message, RoomId, Stored } from '@maru/contract';
import { RateLimiter } from '@maru/redis';
import { LogRepository, LogWriter, type NewMessage } from '@maru/room-log';

/**
 * Loaded into a node before it starts, for a measurement: messages get their places in memory and are delivered, and nobody is
 * limited. Nothing reaches the database, so that what a message's storing and limits cost shows against it.
 */
interface Inside {
  repository: LogRepository;
  announcer: { announce(entries: readonly Message[]): void };
}

const places = new Map<RoomId, { seq: number; ordinal: number }>();
// eslint-disable-next-line typescript/unbound-method -- it is called with the repository that it belongs to
const { heads } = LogRepository.prototype;

LogRepository.prototype.heads = async function headsInMemory(this: LogRepository, rooms) {
  const stored = await heads.call(this, rooms);
  return stored.map((head) => ({ ...head, ...places.get(head.roomId) }));
};

RateLimiter.prototype.take = () => Promise.resolve();

LogWriter.prototype.append = async function appendInMemory(this: LogWriter, message: NewMessage): Promise<Stored> {
  const { repository, announcer } = this as unknown as Inside;
  const { roomId, id, senderId, text } = message;
  if (!places.has(roomId)) {
    const [head] = await heads.call(repository, [roomId]);
    // another message of the room may have asked at the same time
    if (!places.has(roomId)) places.set(roomId, { seq: head?.seq ?? 0, ordinal: head?.ordinal ?? 0 });
  }
  const place = places.get(roomId) as { seq: number; ordinal: number };
  const [seq, ordinal, createdAt] = [++place.seq, ++place.ordinal, Date.now()];
  announcer.announce([{ kind: 'message', roomId, seq, ordinal, createdAt, id, senderId, text }]);
  return { roomId, id, seq, ordinal, createdAt };
};
