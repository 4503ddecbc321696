import type { Message } from '@maru/contract';
import { useTranslations } from 'use-intl';
import { useDisplayName } from '../rooms/room-title.ts';
import { oneLine } from './message-preview.ts';

/** What a message answers, in its present state. */
export function Quote({ quote, onJump }: { quote: Message | null | undefined; onJump?: (() => void) | undefined }) {
  const t = useTranslations('room');
  const rooms = useTranslations('rooms');
  const author = useDisplayName(quote?.senderId ?? null);
  const body = (
    <>
      <span className="block truncate font-semibold text-wood">{quote ? (author ?? '…') : t('quoteHidden')}</span>
      {quote && (
        <span className="block truncate text-quiet">
          {quote.text === null ? <i>{rooms('deleted')}</i> : oneLine(quote.text)}
        </span>
      )}
    </>
  );
  const look = 'block max-w-full min-w-0 border-l-2 border-wood pl-2 text-left text-meta';
  if (!quote || onJump === undefined) return <span className={look}>{body}</span>;
  return (
    <button
      type="button"
      aria-label={t('jumpToQuote', { name: author ?? '…' })}
      onClick={onJump}
      className={`${look} hover:bg-line/40`}
    >
      {body}
    </button>
  );
}
