import { Command } from 'cmdk';
import { Compass, PenLine, Plus } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { goToRoom } from '../address.ts';
import { client } from '../client.ts';
import { useStore } from '../use-store.ts';
import { matchRoom } from './match-room.ts';
import type { OpenDialog } from './open-dialog.ts';
import { RoomBadges } from './room-badges.tsx';
import { RoomAvatar } from './room-avatar.tsx';
import { roomTitle } from './room-title.ts';
import { isUnread } from './unread-total.ts';

const filter = (_value: string, search: string, keywords: string[] = []): number =>
  matchRoom(keywords.join(' '), search);

const ITEM = 'flex h-11 cursor-default items-center gap-3 rounded-lg px-2 select-none data-[selected=true]:bg-line/60';

/** Ctrl+K: to any room by typing a part of its name; before anything is typed the unread ones come first. */
export function QuickSwitch({ onClose, onDialog }: { onClose: () => void; onDialog: (dialog: OpenDialog) => void }) {
  const t = useTranslations('rooms');
  const people = useTranslations('people');
  const { rooms } = useStore(client.rooms.store);
  const [search, setSearch] = useState('');
  const inOrder = search === '' ? rooms.toSorted((a, b) => Number(isUnread(b)) - Number(isUnread(a))) : rooms;
  const done = (then: () => void) => () => {
    onClose();
    then();
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-[oklch(0.15_0.01_60/0.45)]" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[12dvh] left-1/2 z-50 w-[min(560px,calc(100vw-1.5rem))] -translate-x-1/2 overflow-hidden rounded-2xl border border-line bg-ground"
        >
          <Dialog.Title className="sr-only">{t('switch')}</Dialog.Title>
          <Command label={t('switch')} filter={filter} loop vimBindings={false}>
            <Command.Input
              value={search}
              onValueChange={setSearch}
              placeholder={t('switchTo')}
              className="h-13 w-full border-b border-line px-4 outline-none placeholder:text-quiet"
            />
            <Command.List className="max-h-[50dvh] overflow-y-auto p-2">
              <Command.Empty className="p-6 text-center text-quiet">{t('noMatch')}</Command.Empty>
              <Command.Group>
                {inOrder.map((room) => (
                  <Command.Item
                    key={room.id}
                    value={room.id}
                    keywords={[roomTitle(room)]}
                    className={ITEM}
                    onSelect={done(() => goToRoom(room.id))}
                  >
                    <RoomAvatar room={room} size={28} />
                    <span className="min-w-0 flex-1 truncate">{roomTitle(room)}</span>
                    <RoomBadges room={room} />
                  </Command.Item>
                ))}
                <Command.Item
                  value="explore"
                  keywords={[t('explore')]}
                  className={ITEM}
                  onSelect={done(() => onDialog('explore'))}
                >
                  <Compass size={18} className="mx-1.5 text-quiet" /> {t('explore')}
                </Command.Item>
                <Command.Item
                  value="create"
                  keywords={[t('create')]}
                  className={ITEM}
                  onSelect={done(() => onDialog('create'))}
                >
                  <Plus size={18} className="mx-1.5 text-quiet" /> {t('create')}
                </Command.Item>
                <Command.Item
                  value="message"
                  keywords={[people('newMessage')]}
                  className={ITEM}
                  onSelect={done(() => onDialog('message'))}
                >
                  <PenLine size={18} className="mx-1.5 text-quiet" /> {people('newMessage')}
                </Command.Item>
              </Command.Group>
            </Command.List>
            <p className="hidden flex-wrap items-center gap-x-4 gap-y-1 border-t border-line px-4 py-2 text-meta text-quiet md:flex">
              <Shortcut keys={['Alt', '↑', '↓']}>{t('keysRoom')}</Shortcut>
              <Shortcut keys={['Alt', 'Shift', '↑', '↓']}>{t('keysUnread')}</Shortcut>
            </p>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Shortcut({ keys, children }: { keys: readonly string[]; children: string }) {
  return (
    <span className="flex items-center gap-1">
      {keys.map((key) => (
        <kbd key={key} className="rounded border border-line bg-panel px-1.5 font-sans text-[11.5px]">
          {key}
        </kbd>
      ))}
      <span className="ml-0.5">{children}</span>
    </span>
  );
}
