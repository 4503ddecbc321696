import { BellRing } from 'lucide-react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { Button } from '../ui/button.tsx';
import { useStore } from '../use-store.ts';
import { noNotices, useNoticeChoice, wantNotices } from './notice-choice.ts';

/** Offered once, to who is in a room: before that there is nothing to be told of. */
export function NoticeOffer() {
  const t = useTranslations('notices');
  const { rooms } = useStore(client.rooms.store);
  if (useNoticeChoice() !== 'unasked' || rooms.length === 0) return null;
  const allow = async (): Promise<void> => {
    if (!(await wantNotices())) toast.error(t('blocked'));
  };
  return (
    <section aria-label={t('title')} className="mx-2 mb-2 rounded-xl border border-line bg-ground p-3">
      <p className="flex items-center gap-2 font-medium">
        <BellRing size={16} className="shrink-0 text-wood" aria-hidden />
        {t('offer')}
      </p>
      <div className="mt-2 flex justify-end gap-1.5">
        <Button look="quiet" className="!h-8 font-medium" onClick={noNotices}>
          {t('notNow')}
        </Button>
        <Button look="primary" className="!h-8 !px-3" onClick={() => void allow()}>
          {t('allow')}
        </Button>
      </div>
    </section>
  );
}
