import { useMemo } from 'react';
import { useFormatter, useTranslations } from 'use-intl';

const DAY_MS = 86_400_000;

/** Midnight of that day where the reader is. */
export const dayOf = (ms: number): number => new Date(ms).setHours(0, 0, 0, 0);

interface TimeText {
  clock: (ms: number) => string;
  /** `Today`, `Yesterday`, or the date. */
  day: (ms: number) => string;
  /** The clock for today, the date before. */
  brief: (ms: number) => string;
}

export function useTimeText(): TimeText {
  const format = useFormatter();
  const t = useTranslations('room');
  return useMemo(() => {
    const clock = (ms: number): string => format.dateTime(ms, { hour: 'numeric', minute: '2-digit' });
    const daysAgo = (ms: number): number => Math.round((dayOf(Date.now()) - dayOf(ms)) / DAY_MS);
    return {
      clock,
      day: (ms) => {
        const ago = daysAgo(ms);
        if (ago === 0) return t('today');
        if (ago === 1) return t('yesterday');
        return format.dateTime(ms, { year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' });
      },
      brief: (ms) => (daysAgo(ms) === 0 ? clock(ms) : format.dateTime(ms, { month: 'short', day: 'numeric' })),
    };
  }, [format, t]);
}
