import type { HistoryEntry } from '@maru/contract';
import { useTranslations } from 'use-intl';

/** What a system entry says, in the reader's language. */
export function useSystemText(): (entry: HistoryEntry & { kind: 'system' }) => string {
  const t = useTranslations('system');
  return ({ event, name, by, to = '' }) => {
    const values = { name, by: by?.name ?? name, to };
    if (event === 'role') return t(to === 'admin' ? 'roleAdmin' : 'roleMember', values);
    return t(event === 'topic' && to === '' ? 'topicCleared' : event, values);
  };
}
