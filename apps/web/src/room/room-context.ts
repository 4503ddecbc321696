import type { Person, Role, RoomId, RoomKind } from '@maru/contract';
import { createContext, use } from 'react';

/** What is shown beside the conversation. */
export type Panel = 'members' | 'pins' | { readersOf: number } | null;

/** What everything inside a room needs to know of it, and what it may ask the room to do. */
export interface RoomContextValue {
  roomId: RoomId;
  me: Person;
  kind: RoomKind;
  /** What I am here. */
  role: Role;
  archived: boolean;
  mayWrite: boolean;
  mayPin: boolean;
  /** Owner or admin. */
  mayModerate: boolean;
  /** Answer this message with the next one. */
  reply: (seq: number) => void;
  /** Change my message where it stands. */
  edit: (seq: number | null) => void;
  /** Show this message; `from` is where to come back to. */
  jump: (seq: number, from?: number) => void;
  /** Show who has read this message. */
  showReaders: (seq: number) => void;
}

export const RoomContext = createContext<RoomContextValue | null>(null);

export function useRoom(): RoomContextValue {
  const room = use(RoomContext);
  if (room === null) throw new Error('outside of a room');
  return room;
}
