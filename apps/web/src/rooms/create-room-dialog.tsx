import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { goToRoom } from '../address.ts';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, text } from '../ui/field.tsx';

export function CreateRoomDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useTranslations('rooms');
  const refusalText = useRefusalText();
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<string>();

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const name = text(new FormData(event.currentTarget), 'name').trim();
    if (name === '') return;
    setWorking(true);
    setError(undefined);
    try {
      const room = await client.do('room:create', { name });
      await client.rooms.load();
      goToRoom(room.id);
      onClose();
    } catch (refusal) {
      setError(refusalText(refusal));
    } finally {
      setWorking(false);
    }
  };

  return (
    <Dialog title={t('createTitle')} hint={t('createHint')} open={open} onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
        <Field label={t('roomName')} name="name" maxLength={64} required autoFocus autoComplete="off" error={error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" look="primary" disabled={working}>
            {t('createAction')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
