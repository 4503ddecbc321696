import { useTranslations } from 'use-intl';
import { useSystemText } from '../i18n/use-system-text.ts';
import { useTimeText } from '../i18n/use-time-text.ts';
import type { Row } from './rows.ts';

/** What stands between messages: a day, where I left off, what happened to the room, its beginning. */
export function Divider({ row, roomName }: { row: Exclude<Row, { kind: 'message' }>; roomName: string }) {
  const t = useTranslations('room');
  const systemText = useSystemText();
  const timeText = useTimeText();
  if (row.kind === 'day') {
    return (
      <div className="flex items-center gap-3 px-4 pt-4 pb-1 text-meta font-medium text-quiet">
        <span className="h-px flex-1 bg-line" />
        <h2>{timeText.day(row.day)}</h2>
        <span className="h-px flex-1 bg-line" />
      </div>
    );
  }
  if (row.kind === 'new') {
    return (
      <div className="flex items-center gap-3 px-4 pt-3 pb-1 text-meta font-semibold text-persimmon">
        <span className="h-px flex-1 bg-persimmon/40" />
        <h2>{t('newSince')}</h2>
        <span className="h-px flex-1 bg-persimmon/40" />
      </div>
    );
  }
  return (
    <p className="px-4 pt-2 text-center text-meta text-quiet">
      {row.kind === 'beginning'
        ? t(row.hidden ? 'beginningHidden' : 'beginning', { room: roomName })
        : systemText(row.entry)}
    </p>
  );
}
