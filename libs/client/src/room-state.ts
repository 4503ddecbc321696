import type { ChatError } from '@maru/contract';
import type { OutgoingMessage } from './outbox.js';
import type { Pending } from './pending-changes.js';
import type { Timeline } from './timeline.js';
import type { Typing } from './typing-signal.js';

export interface RoomState {
  /** `left`: no longer a member. `failed`: could not be opened; open() tries again. */
  status: 'closed' | 'opening' | 'open' | 'left' | 'failed';
  error: ChatError | null;
  /** Everything known of the room, in seq order, without holes from `from` to `to`. */
  timeline: Timeline;
  /** My messages that are not in the timeline yet, in the order I wrote them. */
  outgoing: readonly OutgoingMessage[];
  /** A page of history is being read. */
  loading: boolean;
  /** A part of history far from the present that is shown instead of the timeline, after jumpTo(). */
  excursion: Timeline | null;
  /** By seq, what I asked to be made of messages and what is not in the timeline yet. */
  pending: ReadonlyMap<number, Pending>;
  /** Raised whenever the timeline was thrown away and started anew. */
  generation: number;
  /** How many members have not read a message, by seq. Left out: everybody has, or it is not known. */
  unread: ReadonlyMap<number, number>;
  /** Who is typing, oneself included; at most three, and whether there are more. */
  typing: Typing;
}
