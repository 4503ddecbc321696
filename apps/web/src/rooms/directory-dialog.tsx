import type { PublicRoom, RoomId } from '@maru/contract';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
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

interface Props {
  open: boolean;
  onClose: () => void;
  onCreate: () => void;
}

/** Public rooms to join. */
export function DirectoryDialog({ open, onClose, onCreate }: Props) {
  const t = useTranslations('rooms');
  const [typed, setTyped] = useState('');
  const search = useDeferredValue(typed.trim());
  return (
    <Dialog title={t('exploreTitle')} open={open} onClose={onClose}>
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
        {open && <Found search={search} onClose={onClose} onCreate={onCreate} />}
      </div>
    </Dialog>
  );
}

function Found({ search, onClose, onCreate }: Omit<Props, 'open'> & { search: string }) {
  const t = useTranslations('rooms');
  const errors = useTranslations('errors');
  const refusalText = useRefusalText();
  const rooms = useQuery({
    queryKey: ['directory', search],
    queryFn: () => client.call('publicRooms', { query: search === '' ? {} : { search } }),
    placeholderData: (before) => before,
  });
  const join = useMutation({
    mutationFn: async (roomId: RoomId) => {
      await client.do('room:join', { roomId });
      await client.rooms.load();
      return roomId;
    },
    onSuccess: (roomId) => {
      goToRoom(roomId);
      onClose();
    },
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
  const { items } = rooms.data;
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
    <ul>
      {items.map((room: PublicRoom) => (
        <li key={room.id} className="flex h-15 items-center gap-3 px-2">
          <Avatar id={room.id} name={room.name} size={40} square />
          <span className="min-w-0 flex-1">
            <span className="block truncate font-semibold">{room.name}</span>
            <span className="text-meta text-quiet">{t('members', { count: room.memberCount })}</span>
          </span>
          <Button disabled={join.isPending} onClick={() => join.mutate(room.id)}>
            {room.joined ? t('joined') : t('join')}
          </Button>
        </li>
      ))}
    </ul>
  );
}
