import { type RoomAccess } from '@maru/contract';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { goToRoom } from '../address.ts';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, text } from '../ui/field.tsx';
import { AccessSelect, MoreSettings, readSettings, TopicField } from './room-fields.tsx';

export function CreateRoomDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations('rooms');
  const refusalText = useRefusalText();
  const [kind, setKind] = useState<RoomAccess>('public');
  const [more, setMore] = useState(false);
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<string>();

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const name = text(form, 'name').trim();
    if (name === '') return;
    setWorking(true);
    setError(undefined);
    try {
      const room = await client.do('room:create', {
        name,
        kind,
        topic: text(form, 'topic').trim(),
        ...(kind === 'password' ? { password: text(form, 'password') } : {}),
        ...(more ? readSettings(form) : {}),
      });
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
    <Dialog title={t('createTitle')} open onClose={onClose}>
      <form className="-mx-1 flex flex-col gap-3.5 overflow-y-auto px-1" onSubmit={(event) => void submit(event)}>
        <Field label={t('roomName')} name="name" maxLength={64} required autoFocus autoComplete="off" error={error} />
        <TopicField />
        <AccessSelect value={kind} onChange={setKind} />
        {kind === 'password' && (
          <Field
            label={t('roomPassword')}
            name="password"
            type="password"
            minLength={4}
            maxLength={128}
            required
            autoComplete="new-password"
          />
        )}
        {more ? (
          <MoreSettings capacity={null} history="all" slowModeSeconds={0} />
        ) : (
          <Button look="quiet" className="self-start" onClick={() => setMore(true)}>
            {t('more')}
          </Button>
        )}
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
