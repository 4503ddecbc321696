import type { HistoryEntry, MyRoom, Person, RoomId, UserId } from '@maru/contract';
import { Archive, Compass, LockKeyhole, PenLine, Plus, Search } from 'lucide-react';
import { memo } from 'react';
import { useTranslations } from 'use-intl';
import { goToRoom } from '../address.ts';
import type { OpenDialog } from './open-dialog.ts';
import { client } from '../client.ts';
import { useSystemText } from '../i18n/use-system-text.ts';
import { useTimeText } from '../i18n/use-time-text.ts';
import { oneLine } from '../room/message-preview.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { Settings } from '../ui/settings.tsx';
import { RoomAvatar } from './room-avatar.tsx';
import { useRoomTitle } from './room-title.ts';
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
    <ul>
      {rooms.map((room) => (
        <RoomRow key={room.id} room={room} open={room.id === openRoom} author={authorName(room.last, people)} />
      ))}
    </ul>
  );
}

const authorName = (last: HistoryEntry | null, people: ReadonlyMap<UserId, Person>): string | undefined =>
  last?.kind === 'message' ? people.get(last.senderId)?.displayName : undefined;

const RoomRow = memo(function RoomRow({
  room,
  open,
  author,
}: {
  room: MyRoom;
  open: boolean;
  author: string | undefined;
}) {
  const t = useTranslations('rooms');
  const systemText = useSystemText();
  const timeText = useTimeText();
  const title = useRoomTitle(room);
  const { last } = room;
  const said = last?.kind === 'message' ? (last.text === null ? t('deleted') : oneLine(last.text)) : undefined;
  const preview =
    last === null
      ? ''
      : last.kind === 'system'
        ? systemText(last)
        : author === undefined || room.kind === 'direct'
          ? said
          : t('preview', { name: author, text: said ?? '' });
  return (
    <li>
      <a
        href={`/?room=${room.id}`}
        aria-current={open ? 'page' : undefined}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          goToRoom(room.id);
        }}
        className={`flex h-15 items-center gap-3 rounded-xl px-2 transition-colors ${open ? 'bg-line/80' : 'hover:bg-line/40'}`}
      >
        <RoomAvatar room={room} size={40} />
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline gap-2">
            <span className="flex min-w-0 flex-1 items-center gap-1 font-semibold">
              <span className="truncate">{title}</span>
              {(room.kind === 'private' || room.kind === 'password') && (
                <LockKeyhole size={12} role="img" aria-label={t(room.kind)} className="shrink-0 text-quiet" />
              )}
              {room.archived && (
                <Archive size={12} role="img" aria-label={t('archived')} className="shrink-0 text-quiet" />
              )}
            </span>
            {last !== null && <time className="text-meta text-quiet">{timeText.brief(last.createdAt)}</time>}
          </span>
          <span className="block truncate text-meta text-quiet">{preview}</span>
        </span>
      </a>
    </li>
  );
});
