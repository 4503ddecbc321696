import type { MyRoom } from '@maru/contract';
import { Avatar } from '../ui/avatar.tsx';
import { PresenceDot } from '../ui/presence-dot.tsx';
import { useRoomTitle } from './room-title.ts';

/** A person is round and may be there; a room is square. */
export function RoomAvatar({ room, size }: { room: Pick<MyRoom, 'id' | 'name' | 'peerId'>; size: number }) {
  const title = useRoomTitle(room);
  if (room.peerId === null) return <Avatar id={room.id} name={title} size={size} square />;
  return (
    <span className="relative shrink-0">
      <Avatar id={room.peerId} name={title} size={size} />
      <PresenceDot userId={room.peerId} />
    </span>
  );
}
