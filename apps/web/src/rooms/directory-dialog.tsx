import type { PublicRoom } from '@maru/contract';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { LockKeyhole, Search } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { goToRoom } from '../address.ts';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { StateNote } from '../ui/state-note.tsx';
import { JoinPasswordDialog } from './join-password-dialog.tsx';

interface Props {
  onClose: () => void;
  onCreate: () => void;
}

const PAGE = 50;

/** Rooms that are listed, to join. */
export function DirectoryDialog({ onClose, onCreate }: Props) {
  const t = useTranslations('rooms');
  const [typed, setTyped] = useState('');
  const [asking, setAsking] = useState<PublicRoom | null>(null);
  const search = useDeferredValue(typed.trim());
  const enter = async (room: PublicRoom, password?: string): Promise<void> => {
    await client.do('room:join', { roomId: room.id, password });
    await client.rooms.load();
    goToRoom(room.id);
    onClose();
  };
  return (
    <Dialog title={t('exploreTitle')} open onClose={onClose}>
      <label className="flex h-11 items-center gap-2 rounded-lg border border-line px-3 focus-within:border-wood">
        <Search size={16} className="text-quiet" aria-hidden />
        <input
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          placeholder={t('search')}
          aria-label={t('search')}
          className="w-full outline-none"
        />
      </label>
      <div className="-mx-2 min-h-60 overflow-y-auto">
        <Found search={search} onCreate={onCreate} onEnter={enter} onPassword={setAsking} />
      </div>
      {asking !== null && (
        <JoinPasswordDialog
          room={asking.name}
          onJoin={(password) => enter(asking, password)}
          onClose={() => setAsking(null)}
        />
      )}
    </Dialog>
  );
}

function Found({
  search,
  onCreate,
  onEnter,
  onPassword,
}: {
  search: string;
  onCreate: () => void;
  onEnter: (room: PublicRoom) => Promise<void>;
  onPassword: (room: PublicRoom) => void;
}) {
  const t = useTranslations('rooms');
  const errors = useTranslations('errors');
  const refusalText = useRefusalText();
  const rooms = useInfiniteQuery({
    queryKey: ['directory', search],
    queryFn: async ({ pageParam }) => {
      const query = { ...(search === '' ? {} : { search }), ...(pageParam === '' ? {} : { before: pageParam }) };
      return (await client.call('publicRooms', { query })).items;
    },
    initialPageParam: '',
    getNextPageParam: (page) => (page.length < PAGE ? undefined : page.at(-1)?.id),
    placeholderData: (before) => before,
  });
  const join = useMutation({
    mutationFn: (room: PublicRoom) => onEnter(room),
    onError: (error) => toast.error(refusalText(error)),
  });

  if (rooms.isPending) return Array.from({ length: 3 }, (_, i) => <div key={i} className="skeleton mx-2 mb-1 h-15" />);
  if (rooms.isError) {
    return (
      <StateNote title={refusalText(rooms.error)}>
        <Button onClick={() => void rooms.refetch()}>{errors('again')}</Button>
      </StateNote>
    );
  }
  const items = rooms.data.pages.flat();
  if (items.length === 0) {
    return search === '' ? (
      <StateNote title={t('noPublic')}>
        <Button look="primary" onClick={onCreate}>
          {t('create')}
        </Button>
      </StateNote>
    ) : (
      <StateNote title={t('noMatch')} />
    );
  }
  return (
    <>
      <ul>
        {items.map((room) => (
          <li key={room.id} className="flex h-15 items-center gap-3 px-2">
            <Avatar id={room.id} name={room.name} size={40} square />
            <span className="min-w-0 flex-1">
              <span className="flex items-center gap-1 font-semibold">
                <span className="truncate">{room.name}</span>
                {room.kind === 'password' && (
                  <LockKeyhole size={13} role="img" aria-label={t('password')} className="shrink-0 text-quiet" />
                )}
              </span>
              <span className="block truncate text-meta text-quiet">
                {t('members', { count: room.memberCount })}
                {room.topic !== '' && ` · ${room.topic}`}
              </span>
            </span>
            <Button
              disabled={join.isPending}
              onClick={() => (room.kind === 'password' && !room.joined ? onPassword(room) : join.mutate(room))}
            >
              {room.joined ? t('joined') : t('join')}
            </Button>
          </li>
        ))}
      </ul>
      {rooms.hasNextPage && (
        <Button
          look="quiet"
          className="w-full justify-center"
          disabled={rooms.isFetchingNextPage}
          onClick={() => void rooms.fetchNextPage()}
        >
          {t('showMore')}
        </Button>
      )}
    </>
  );
}
