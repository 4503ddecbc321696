import type { UserId } from '@maru/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { StateNote } from '../ui/state-note.tsx';
import { useRoom } from './room-context.ts';

/** Those who have read a message, or those who have not. `version` changes when somebody has read on. */
export function ReadersList({ seq, read, version }: { seq: number; read: boolean; version: number }) {
  const t = useTranslations('room');
  const rooms = useTranslations('rooms');
  const errors = useTranslations('errors');
  const refusalText = useRefusalText();
  const { roomId, me } = useRoom();
  const people = useInfiniteQuery({
    queryKey: ['readers', roomId, seq, read, version],
    queryFn: ({ pageParam }) =>
      client.call('readers', {
        params: { roomId, seq: String(seq) },
        query: { read: read ? 'true' : 'false', ...(pageParam === null ? {} : { after: pageParam }) },
      }),
    initialPageParam: null as UserId | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: (before) => before,
  });
  if (people.isPending) return Array.from({ length: 3 }, (_, i) => <div key={i} className="skeleton mb-1 h-12" />);
  if (people.isError) {
    return (
      <StateNote title={t('readersFailed')} hint={refusalText(people.error)}>
        <Button onClick={() => void people.refetch()}>{errors('again')}</Button>
      </StateNote>
    );
  }
  const items = people.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return <StateNote title={t(read ? 'readByNobody' : 'readByAll')} />;
  return (
    <>
      <ul>
        {items.map(({ id, displayName }) => (
          <li key={id} className="flex h-12 items-center gap-3 rounded-lg px-2">
            <Avatar id={id} name={displayName} size={32} />
            <span className="min-w-0 flex-1 truncate">
              {displayName}
              {id === me.id && <span className="text-quiet"> ({t('you')})</span>}
            </span>
          </li>
        ))}
      </ul>
      {people.hasNextPage && (
        <Button
          className="mt-2 w-full justify-center"
          disabled={people.isFetchingNextPage}
          onClick={() => void people.fetchNextPage()}
        >
          {rooms('showMore')}
        </Button>
      )}
    </>
  );
}
