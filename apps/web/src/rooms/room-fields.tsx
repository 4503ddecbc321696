import { type RoomAccess, type RoomSettings, TOPIC_MAX } from '@maru/contract';
import { useTranslations } from 'use-intl';
import { Field, text } from '../ui/field.tsx';
import { Select } from '../ui/select.tsx';

const SLOW = [0, 5, 10, 30, 60, 300, 900, 3_600] as const;

/** How people come in. */
export function AccessSelect({ value, onChange }: { value: RoomAccess; onChange: (kind: RoomAccess) => void }) {
  const t = useTranslations('rooms');
  return (
    <Select
      label={t('access')}
      name="kind"
      value={value}
      hint={t(`${value}Hint`)}
      onChange={(event) => onChange(event.target.value as RoomAccess)}
      options={[
        ['public', t('public')],
        ['private', t('private')],
        ['password', t('password')],
      ]}
    />
  );
}

export function TopicField({ value = '' }: { value?: string }) {
  const t = useTranslations('rooms');
  return <Field label={t('topic')} name="topic" maxLength={TOPIC_MAX} defaultValue={value} autoComplete="off" />;
}

type Rest = Pick<RoomSettings, 'capacity' | 'history' | 'slowModeSeconds'>;

/** Settings that most rooms leave as they are. */
export function MoreSettings({ capacity, history, slowModeSeconds }: Rest) {
  const t = useTranslations('rooms');
  return (
    <>
      <Select
        label={t('history')}
        name="history"
        defaultValue={history}
        options={[
          ['all', t('historyAll')],
          ['joined', t('historyJoined')],
        ]}
      />
      <div className="grid grid-cols-2 gap-3">
        <Select
          label={t('slowMode')}
          name="slowModeSeconds"
          defaultValue={String(slowModeSeconds)}
          options={[...new Set([...SLOW, slowModeSeconds])]
            .toSorted((a, b) => a - b)
            .map((seconds) => [String(seconds), seconds === 0 ? t('off') : duration(t, seconds)] as const)}
        />
        <Field
          label={t('capacity')}
          name="capacity"
          type="number"
          min={2}
          max={100_000}
          defaultValue={capacity ?? ''}
          placeholder={t('noLimit')}
        />
      </div>
    </>
  );
}

function duration(t: ReturnType<typeof useTranslations<'rooms'>>, seconds: number): string {
  if (seconds % 3_600 === 0) return t('hours', { count: seconds / 3_600 });
  return seconds % 60 === 0 ? t('minutes', { count: seconds / 60 }) : t('seconds', { count: seconds });
}

export function readSettings(form: FormData): Rest {
  const capacity = text(form, 'capacity');
  return {
    capacity: capacity === '' ? null : Number(capacity),
    history: text(form, 'history') === 'joined' ? 'joined' : 'all',
    slowModeSeconds: Number(text(form, 'slowModeSeconds')),
  };
}
