import type { UserId } from '@maru/contract';
import { toast } from 'sonner';
import { goToRoom } from '../address.ts';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';

/** Opens the room of me and this person. */
export function useDirect(): (userId: UserId) => Promise<void> {
  const refusalText = useRefusalText();
  return async (userId) => {
    try {
      const room = await client.do('room:direct', { userId });
      await client.rooms.load();
      goToRoom(room.id);
    } catch (error) {
      toast.error(refusalText(error));
    }
  };
}
