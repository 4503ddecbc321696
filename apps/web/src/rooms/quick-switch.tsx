import { Command } from 'cmdk';
import { Compass, PenLine, Plus } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useTranslations } from 'use-intl';
import { goToRoom } from '../address.ts';
import { client } from '../client.ts';
import { useStore } from '../use-store.ts';
import type { OpenDialog } from './open-dialog.ts';
import { RoomAvatar } from './room-avatar.tsx';
import { roomTitle } from './room-title.ts';

/** Every word must be there; what begins with them comes first. */
const filter = (_value: string, search: string, keywords: string[] = []): number => {
  const text = keywords.join(' ').toLowerCase();
  const words = search.toLowerCase().trim().split(/\s+/);
  if (!words.every((word) => text.includes(word))) return 0;
  return text.startsWith(words[0] ?? '') ? 1 : 0.5;
};

const ITEM = 'flex h-11 cursor-default items-center gap-3 rounded-lg px-2 select-none data-[selected=true]:bg-line/60';

/** Ctrl+K: to any room by typing a part of its name. */
export function QuickSwitch({ onClose, onDialog }: { onClose: () => void; onDialog: (dialog: OpenDialog) => void }) {
  const t = useTranslations('rooms');
  const people = useTranslations('people');
  const { rooms } = useStore(client.rooms.store);
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
              placeholder={t('switchTo')}
              className="h-13 w-full border-b border-line px-4 outline-none placeholder:text-quiet"
            />
            <Command.List className="max-h-[50dvh] overflow-y-auto p-2">
              <Command.Empty className="p-6 text-center text-quiet">{t('noMatch')}</Command.Empty>
              <Command.Group>
                {rooms.map((room) => (
                  <Command.Item
                    key={room.id}
                    value={room.id}
                    keywords={[roomTitle(room)]}
                    className={ITEM}
                    onSelect={done(() => goToRoom(room.id))}
                  >
                    <RoomAvatar room={room} size={28} />
                    <span className="truncate">{roomTitle(room)}</span>
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
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
