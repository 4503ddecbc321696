import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { useStore } from '../use-store.ts';
import { Button } from './button.tsx';

/** A blip is not worth a word: the banner shows after this long without a connection, milliseconds. */
const PATIENCE_MS = 2_000;

export function ConnectionBanner() {
  const t = useTranslations('connection');
  const { status, refusal } = useStore(client.connection.store);
  const [shown, setShown] = useState(false);

  useEffect(() => {
    if (status === 'online') return setShown(false);
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [status]);

  if (refusal?.code === 'unsupported-protocol') {
    return (
      <div role="alert" className="flex items-center justify-center gap-3 bg-wood px-4 py-1 text-on-wood">
        {t('reload')}
        <Button className="!h-8 border-current" onClick={() => location.reload()}>
          {t('reloadAction')}
        </Button>
      </div>
    );
  }
  if (!shown) return null;
  return (
    <div role="status" className="bg-wood px-4 py-1.5 text-center text-meta font-medium text-on-wood">
      {t('offline')}
    </div>
  );
}
