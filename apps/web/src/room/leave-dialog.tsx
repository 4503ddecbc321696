import type { MyRoom } from '@maru/contract';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { goToRoom } from '../address.ts';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';

export function LeaveDialog({ room, open, onClose }: { room: MyRoom; open: boolean; onClose: () => void }) {
  const t = useTranslations('room');
  const rooms = useTranslations('rooms');
  const refusalText = useRefusalText();
  const { id: roomId, name, memberCount, kind } = room;
  const leave = async (): Promise<void> => {
    try {
      await client.do('room:leave', { roomId });
      client.rooms.remove(roomId);
      goToRoom(null);
    } catch (error) {
      toast.error(refusalText(error));
    }
    onClose();
  };
  const hint = memberCount === 1 ? t('leaveHintLast') : t(kind === 'public' ? 'leaveHint' : 'leaveHintClosed');
  return (
    <Dialog title={t('leaveTitle', { room: name })} hint={hint} open={open} onClose={onClose}>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{rooms('cancel')}</Button>
        <Button look="primary" onClick={() => void leave()}>
          {t('leave')}
        </Button>
      </div>
    </Dialog>
  );
}
