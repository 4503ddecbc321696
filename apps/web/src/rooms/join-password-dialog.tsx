import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, text } from '../ui/field.tsx';

/** Asks for the password of a room, again where it was wrong. */
export function JoinPasswordDialog({
  room,
  onJoin,
  onClose,
}: {
  room: string;
  onJoin: (password: string) => Promise<void>;
  onClose: () => void;
}) {
  const t = useTranslations('rooms');
  const refusalText = useRefusalText();
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<string>();
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setWorking(true);
    setError(undefined);
    try {
      await onJoin(text(new FormData(event.currentTarget), 'password'));
    } catch (refusal) {
      setError(refusalText(refusal));
      setWorking(false);
    }
  };
  return (
    <Dialog title={t('passwordTitle', { room })} hint={t('passwordAsk')} open onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
        <Field
          label={t('roomPassword')}
          name="password"
          type="password"
          required
          autoFocus
          maxLength={128}
          error={error}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" look="primary" disabled={working}>
            {t('join')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
