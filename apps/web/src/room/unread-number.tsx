import { useTranslations } from 'use-intl';
import { useRoom } from './room-context.ts';

/** How many have not read a message, beside its bubble; who they are is one click away. By keyboard: in its menu. */
export function UnreadNumber({ seq, unread }: { seq: number; unread: number }) {
  const t = useTranslations('room');
  const { showReaders } = useRoom();
  return (
    <button
      type="button"
      tabIndex={-1}
      aria-label={t('unreadBy', { count: unread })}
      title={t('unreadBy', { count: unread })}
      onClick={() => showReaders(seq)}
      className="relative leading-4 font-semibold text-persimmon tabular-nums before:absolute before:-inset-x-2 before:-top-2 before:bottom-0 before:min-w-6 hover:underline"
    >
      {unread}
    </button>
  );
}
