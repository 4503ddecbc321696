import type { Person } from '@maru/contract';
import { Compass, Plus } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { OpenDialog } from './open-dialog.ts';
import { Button } from '../ui/button.tsx';
import { Mark } from '../ui/splash.tsx';

/** Nobody lands on a blank page. */
export function Welcome({ me, onDialog }: { me: Person; onDialog: (dialog: OpenDialog) => void }) {
  const t = useTranslations('rooms');
  return (
    <div className="m-auto flex flex-col items-center gap-3 p-8 text-center">
      <Mark size={56} />
      <h1 className="text-xl font-semibold">{t('welcome', { name: me.displayName })}</h1>
      <p className="text-quiet">{t('welcomeHint')}</p>
      <div className="mt-2 flex gap-2">
        <Button look="primary" onClick={() => onDialog('explore')}>
          <Compass size={17} />
          {t('explore')}
        </Button>
        <Button onClick={() => onDialog('create')}>
          <Plus size={17} />
          {t('create')}
        </Button>
      </div>
    </div>
  );
}
