import type { Person, RoomId } from '@maru/contract';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { PeopleSearch, toggled } from '../rooms/people-search.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';

export function AddPeopleDialog({ roomId, onClose }: { roomId: RoomId; onClose: () => void }) {
  const t = useTranslations('room');
  const rooms = useTranslations('rooms');
  const refusalText = useRefusalText();
  const [chosen, setChosen] = useState<readonly Person[]>([]);
  const add = async (): Promise<void> => {
    for (const person of chosen) {
      await client
        .do('member:add', { roomId, userId: person.id })
        .catch((error: unknown) => toast.error(`${person.displayName}: ${refusalText(error)}`));
    }
    onClose();
  };
  return (
    <Dialog title={t('addPeople')} open onClose={onClose}>
      <PeopleSearch chosen={chosen} onToggle={(person) => setChosen(toggled(chosen, person))} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{rooms('cancel')}</Button>
        <Button look="primary" disabled={chosen.length === 0} onClick={() => void add()}>
          {t('add')}
        </Button>
      </div>
    </Dialog>
  );
}
