import { useQuery, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { useTimeText } from '../i18n/use-time-text.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { useRoom } from './room-context.ts';

/** Who is kept out, for those who may let them in again. */
export function BansList({ version }: { version: number }) {
  const t = useTranslations('room');
  const refusalText = useRefusalText();
  const queries = useQueryClient();
  const { brief } = useTimeText();
  const { roomId } = useRoom();
  const bans = useQuery({
    queryKey: ['bans', roomId, version],
    queryFn: () => client.call('bans', { params: { roomId } }),
    placeholderData: (before) => before,
  });
  const lift = (userId: string): void =>
    void client
      .do('member:unban', { roomId, userId })
      .then(() => queries.invalidateQueries({ queryKey: ['bans', roomId] }))
      .catch((error: unknown) => toast.error(refusalText(error)));
  if (bans.data === undefined || bans.data.items.length === 0) return null;
  return (
    <section aria-label={t('bans')} className="mt-4">
      <h3 className="px-2 pb-1 text-meta font-medium text-quiet">{t('bans')}</h3>
      <ul>
        {bans.data.items.map(({ person, until }) => (
          <li key={person.id} className="flex h-13 items-center gap-3 px-2">
            <Avatar id={person.id} name={person.displayName} size={32} />
            <span className="min-w-0 flex-1">
              <span className="block truncate">{person.displayName}</span>
              <span className="block truncate text-meta text-quiet">
                {until === null ? t('bannedForever') : t('bannedUntil', { when: brief(until) })}
              </span>
            </span>
            <Button className="!h-8" onClick={() => lift(person.id)}>
              {t('unban')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
