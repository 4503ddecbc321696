import { FOREVER, type MyRoom } from '@maru/contract';
import { Hourglass } from 'lucide-react';
import { toast } from 'sonner';
import { useFormatter, useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { useTimeText } from '../i18n/use-time-text.ts';
import { Button } from '../ui/button.tsx';

/** Why one cannot write here, instead of the field. */
export function CannotWrite({ room }: { room: MyRoom }) {
  const t = useTranslations('room');
  const refusalText = useRefusalText();
  const { day, clock } = useTimeText();
  const { id: roomId, archived, mutedUntil, role } = room;
  const reopen = (): void =>
    void client
      .do('room:archive', { roomId, archived: false })
      .then(() => client.rooms.load())
      .catch((error: unknown) => toast.error(refusalText(error)));
  return (
    <div
      role="status"
      className="mx-3 mb-[max(0.625rem,env(safe-area-inset-bottom))] flex min-h-12 shrink-0 items-center justify-center gap-3 rounded-xl border border-line bg-panel px-4 text-center text-quiet"
    >
      {archived
        ? t('archived')
        : mutedUntil === null || mutedUntil === FOREVER
          ? t('muted')
          : t('mutedUntil', { when: `${day(mutedUntil)} ${clock(mutedUntil)}` })}
      {archived && role === 'owner' && (
        <Button className="!h-8" onClick={reopen}>
          {t('unarchive')}
        </Button>
      )}
    </div>
  );
}

/** Slow mode, for those it is for. */
export function SlowModeNote({ seconds }: { seconds: number }) {
  const t = useTranslations('room');
  const format = useFormatter();
  const [amount, unit] =
    seconds % 3_600 === 0
      ? [seconds / 3_600, 'hour' as const]
      : seconds % 60 === 0
        ? [seconds / 60, 'minute' as const]
        : [seconds, 'second' as const];
  return (
    <span className="inline-flex items-center gap-1">
      <Hourglass size={12} aria-hidden />
      {t('slowMode', { time: format.number(amount, { style: 'unit', unit, unitDisplay: 'long' }) })}
    </span>
  );
}
