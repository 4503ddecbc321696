import type { Message } from '@maru/contract';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { useTimeText } from '../i18n/use-time-text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { StateNote } from '../ui/state-note.tsx';
import { useRoom } from './room-context.ts';

/** What a message said before it was edited. */
export function EditionsDialog({ message: { seq, changedSeq }, onClose }: { message: Message; onClose: () => void }) {
  const t = useTranslations('room');
  const errors = useTranslations('errors');
  const refusalText = useRefusalText();
  const { clock, day } = useTimeText();
  const { roomId } = useRoom();
  const editions = useQuery({
    queryKey: ['editions', roomId, seq, changedSeq],
    queryFn: () => client.call('editions', { params: { roomId, seq: String(seq) } }),
  });
  return (
    <Dialog title={t('editions')} open onClose={onClose}>
      <div className="-mx-1 min-h-24 overflow-y-auto px-1">
        {editions.isPending && <div className="skeleton h-16" />}
        {editions.isError && (
          <StateNote title={refusalText(editions.error)}>
            <Button onClick={() => void editions.refetch()}>{errors('again')}</Button>
          </StateNote>
        )}
        <ol className="flex flex-col gap-3">
          {editions.data?.items.map(({ text, until }) => (
            <li key={until}>
              <p className="text-meta text-quiet">{t('editionUntil', { when: `${day(until)} ${clock(until)}` })}</p>
              <p className="rounded-xl bg-theirs px-3 py-1.5 whitespace-pre-wrap [overflow-wrap:anywhere]">{text}</p>
            </li>
          ))}
        </ol>
      </div>
    </Dialog>
  );
}
