import type { MyRoom } from '@maru/contract';
import { Archive, ChevronLeft, EllipsisVertical, Link2, LogOut, Pin, Settings, UsersRound } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { goToRoom } from '../address.ts';
import { RoomMenuItems } from '../rooms/room-menu-items.tsx';
import { RoomAvatar } from '../rooms/room-avatar.tsx';
import { Button } from '../ui/button.tsx';
import { MENU, type MenuAction, MenuItems } from '../ui/menu.tsx';
import { InvitesDialog } from './invites-dialog.tsx';
import { LeaveDialog } from './leave-dialog.tsx';
import type { Panel } from './room-context.ts';
import { RoomSettingsDialog } from './room-settings-dialog.tsx';

interface Props {
  room: MyRoom | undefined;
  title: string;
  panel: Panel;
  onPanel: (panel: Panel) => void;
}

export function RoomHeader({ room, title, panel, onPanel }: Props) {
  const t = useTranslations('room');
  const toggle = (which: Panel): void => onPanel(panel === which ? null : which);
  return (
    <header className="flex h-14 shrink-0 items-center gap-2.5 border-b border-line pr-2 pl-2 md:pl-4">
      <Button look="icon" className="md:hidden" aria-label={t('back')} onClick={() => goToRoom(null)}>
        <ChevronLeft size={20} />
      </Button>
      {room !== undefined && <RoomAvatar room={room} size={32} />}
      <div className="min-w-0 flex-1">
        <h1 className="flex items-center gap-1.5 font-semibold">
          <span className="truncate">{title}</span>
          {room?.archived && <Archive size={14} role="img" aria-label={t('archivedMark')} className="text-quiet" />}
        </h1>
        {room !== undefined && room.topic !== '' && (
          <p className="truncate text-meta text-quiet" title={room.topic}>
            {room.topic}
          </p>
        )}
      </div>
      {room !== undefined && (
        <>
          <Button
            look="icon"
            aria-label={t('pins')}
            title={t('pins')}
            aria-expanded={panel === 'pins'}
            onClick={() => toggle('pins')}
          >
            <Pin size={18} />
          </Button>
          <Button
            look="icon"
            aria-label={t('memberList')}
            title={t('memberList')}
            aria-expanded={panel === 'members'}
            onClick={() => toggle('members')}
          >
            <UsersRound size={18} />
          </Button>
          <RoomMenu room={room} />
        </>
      )}
    </header>
  );
}

function RoomMenu({ room }: { room: MyRoom }) {
  const t = useTranslations('room');
  const [dialog, setDialog] = useState<'settings' | 'invites' | 'leave' | null>(null);
  const close = (): void => setDialog(null);
  const open = room.kind !== 'direct';
  const mayManage = open && (room.role !== 'member' || room.kind === 'group');
  const actions: MenuAction[] = [
    { key: 'invite', label: t('invite'), Icon: Link2, run: () => setDialog('invites'), when: mayManage },
    { key: 'settings', label: t('settings'), Icon: Settings, run: () => setDialog('settings'), when: mayManage },
    { key: 'leave', label: t('leave'), Icon: LogOut, run: () => setDialog('leave'), when: open },
  ];
  return (
    <>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger asChild>
          <Button look="icon" aria-label={t('menu')}>
            <EllipsisVertical size={18} />
          </Button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content align="end" sideOffset={6} {...MENU}>
            <RoomMenuItems room={room} of="dropdown" />
            {open && <DropdownMenu.Separator className="my-1 h-px bg-line" />}
            <MenuItems actions={actions} of="dropdown" />
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {dialog === 'settings' && <RoomSettingsDialog room={room} onClose={close} />}
      {dialog === 'invites' && <InvitesDialog room={room} onClose={close} />}
      <LeaveDialog room={room} open={dialog === 'leave'} onClose={close} />
    </>
  );
}
