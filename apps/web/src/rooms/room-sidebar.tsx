import type { HistoryEntry, Person, RoomId, UserId } from '@maru/contract';
import { Compass, PenLine, Plus, Search } from 'lucide-react';
import { useRef } from 'react';
import { useTranslations } from 'use-intl';
import type { OpenDialog } from './open-dialog.ts';
import { client } from '../client.ts';
import { NoticeOffer } from '../notices/notice-offer.tsx';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { Settings } from '../ui/settings.tsx';
import { RoomRow } from './room-row.tsx';
import { useSmoothOrder } from './use-smooth-order.ts';
import { Mark } from '../ui/splash.tsx';
import { StateNote } from '../ui/state-note.tsx';
import { useStore } from '../use-store.ts';

interface Props {
  me: Person;
  openRoom: RoomId | null;
  onDialog: (dialog: OpenDialog) => void;
}

export function RoomSidebar({ me, openRoom, onDialog }: Props) {
  const t = useTranslations('rooms');
  const app = useTranslations('app');
  const people = useTranslations('people');
  return (
    <>
      <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line pr-2 pl-4">
        <Mark size={24} />
        <span className="flex-1 text-lg font-bold tracking-tight">{app('name')}</span>
        <Button
          look="icon"
          aria-label={people('newMessage')}
          title={people('newMessage')}
          onClick={() => onDialog('message')}
        >
          <PenLine size={17} />
        </Button>
        <Button look="icon" aria-label={t('explore')} title={t('explore')} onClick={() => onDialog('explore')}>
          <Compass size={18} />
        </Button>
        <Button look="icon" aria-label={t('create')} title={t('create')} onClick={() => onDialog('create')}>
          <Plus size={19} />
        </Button>
      </header>
      <button
        type="button"
        onClick={() => onDialog('switch')}
        className="mx-2 mt-2 flex h-9 shrink-0 items-center gap-2 rounded-lg border border-line bg-ground px-2.5 text-meta text-quiet hover:text-ink"
      >
        <Search size={15} aria-hidden />
        <span className="flex-1 text-left">{t('switchTo')}</span>
        <kbd className="hidden font-sans md:inline">Ctrl K</kbd>
      </button>
      <nav aria-label={t('title')} className="min-h-0 flex-1 overflow-y-auto p-2">
        <Rooms openRoom={openRoom} onDialog={onDialog} />
      </nav>
      <NoticeOffer />
      <footer className="flex h-14 shrink-0 items-center gap-2.5 border-t border-line pr-2 pl-3 pb-[env(safe-area-inset-bottom)]">
        <Avatar id={me.id} name={me.displayName} size={32} />
        <span className="min-w-0 flex-1 truncate font-medium">{me.displayName}</span>
        <Settings onSignOut={() => void client.session.logout()} />
      </footer>
    </>
  );
}

function Rooms({ openRoom, onDialog }: Omit<Props, 'me'>) {
  const t = useTranslations('rooms');
  const errors = useTranslations('errors');
  const { status, rooms } = useStore(client.rooms.store);
  const { people } = useStore(client.people.store);
  const list = useRef<HTMLUListElement>(null);
  useSmoothOrder(list, rooms);
  if (status === 'loading') {
    return Array.from({ length: 4 }, (_, i) => <div key={i} className="skeleton mb-1 h-15" />);
  }
  if (status === 'failed') {
    return (
      <StateNote title={t('failed')}>
        <Button onClick={() => void client.rooms.load()}>{errors('again')}</Button>
      </StateNote>
    );
  }
  if (rooms.length === 0) {
    return (
      <StateNote title={t('none')} hint={t('noneHint')}>
        <Button look="primary" onClick={() => onDialog('explore')}>
          {t('explore')}
        </Button>
        <Button onClick={() => onDialog('create')}>{t('create')}</Button>
      </StateNote>
    );
  }
  return (
    <ul ref={list}>
      {rooms.map((room) => (
        <RoomRow key={room.id} room={room} open={room.id === openRoom} author={authorName(room.last, people)} />
      ))}
    </ul>
  );
}

const authorName = (last: HistoryEntry | null, people: ReadonlyMap<UserId, Person>): string | undefined =>
  last?.kind === 'message' ? people.get(last.senderId)?.displayName : undefined;
