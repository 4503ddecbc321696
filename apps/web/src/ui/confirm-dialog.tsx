import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';

/** Asks before something that cannot be taken back; says why where it was refused. */
export function ConfirmDialog({
  title,
  hint,
  action,
  onConfirm,
  onClose,
}: {
  title: string;
  hint: string;
  action: string;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}) {
  const rooms = useTranslations('rooms');
  const refusalText = useRefusalText();
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<string>();
  const confirm = async (): Promise<void> => {
    setWorking(true);
    try {
      await onConfirm();
      onClose();
    } catch (refusal) {
      setError(refusalText(refusal));
      setWorking(false);
    }
  };
  return (
    <Dialog title={title} hint={hint} open onClose={onClose}>
      {error !== undefined && (
        <p role="alert" className="text-persimmon">
          {error}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{rooms('cancel')}</Button>
        <Button look="primary" disabled={working} onClick={() => void confirm()}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
