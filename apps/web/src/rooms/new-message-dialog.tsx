import type { Person } from '@maru/contract';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { goToRoom } from '../address.ts';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { useDirect } from '../profile/use-direct.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { PeopleSearch, toggled } from './people-search.tsx';

const NAME_MAX = 64;

/** A conversation with one person, or a group with several. */
export function NewMessageDialog({ me, onClose }: { me: Person; onClose: () => void }) {
  const t = useTranslations('people');
  const rooms = useTranslations('rooms');
  const refusalText = useRefusalText();
  const direct = useDirect();
  const [chosen, setChosen] = useState<readonly Person[]>([]);
  const start = async (): Promise<void> => {
    const [only] = chosen;
    if (only === undefined) return;
    onClose();
    if (chosen.length === 1) return direct(only.id);
    try {
      const name = Array.from([me, ...chosen].map(({ displayName }) => displayName).join(', '))
        .slice(0, NAME_MAX)
        .join('')
        .trim();
      const room = await client.do('room:create', { kind: 'group', name, members: chosen.map(({ id }) => id) });
      await client.rooms.load();
      goToRoom(room.id);
    } catch (error) {
      toast.error(refusalText(error));
    }
  };
  return (
    <Dialog title={t('newMessage')} hint={t('newMessageHint')} open onClose={onClose}>
      <PeopleSearch chosen={chosen} without={[me.id]} onToggle={(person) => setChosen(toggled(chosen, person))} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{rooms('cancel')}</Button>
        <Button look="primary" disabled={chosen.length === 0} onClick={() => void start()}>
          {t(chosen.length > 1 ? 'startGroup' : 'start')}
        </Button>
      </div>
    </Dialog>
  );
}
