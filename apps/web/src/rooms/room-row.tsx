import type { MyRoom } from '@maru/contract';
import { Archive, BellOff, EllipsisVertical, LockKeyhole, Pin } from 'lucide-react';
import { ContextMenu, DropdownMenu } from 'radix-ui';
import { memo } from 'react';
import { useTranslations } from 'use-intl';
import { goToRoom } from '../address.ts';
import { useSystemText } from '../i18n/use-system-text.ts';
import { useTimeText } from '../i18n/use-time-text.ts';
import { oneLine } from '../room/message-preview.ts';
import { Button } from '../ui/button.tsx';
import { MENU } from '../ui/menu.tsx';
import { RoomAvatar } from './room-avatar.tsx';
import { RoomBadges } from './room-badges.tsx';
import { RoomMenuItems } from './room-menu-items.tsx';
import { useRoomTitle } from './room-title.ts';

interface Props {
  room: MyRoom;
  open: boolean;
  /** Of the newest message. */
  author: string | undefined;
}

const HIDDEN_WHILE_BUTTON =
  '[@media(hover:hover)]:group-hover:invisible group-has-[:focus-visible]:invisible group-has-[[data-state=open]>svg]:invisible';

/** One room of the list, with what can be done to it by right click, long press or the button that the pointer brings. */
export const RoomRow = memo(function RoomRow({ room, open, author }: Props) {
  const t = useTranslations('rooms');
  const timeText = useTimeText();
  const title = useRoomTitle(room);
  const preview = usePreview(room, author);
  const { last } = room;
  const bold = room.unread > 0 && room.preferences.notify !== 'none';
  return (
    <li data-room={room.id} className="group relative">
      <ContextMenu.Root modal={false}>
        <ContextMenu.Trigger asChild>
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
              <span className="flex h-6 items-center gap-2">
                <span className="flex min-w-0 flex-1 items-center gap-1 font-semibold">
                  <span className="truncate">{title}</span>
                  <RoomSigns room={room} />
                </span>
                {last !== null && (
                  <time className={`text-meta text-quiet ${HIDDEN_WHILE_BUTTON}`}>
                    {timeText.brief(last.createdAt)}
                  </time>
                )}
              </span>
              <span className="flex h-5 items-center gap-2">
                <span className={`min-w-0 flex-1 truncate text-meta ${bold ? 'text-ink' : 'text-quiet'}`}>
                  {preview}
                </span>
                <RoomBadges room={room} />
              </span>
            </span>
          </a>
        </ContextMenu.Trigger>
        <ContextMenu.Portal>
          <ContextMenu.Content {...MENU} collisionPadding={8}>
            <RoomMenuItems room={room} of="context" />
          </ContextMenu.Content>
        </ContextMenu.Portal>
      </ContextMenu.Root>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger asChild>
          <Button
            look="icon"
            aria-label={t('options', { room: title })}
            title={t('options', { room: title })}
            className="absolute top-1.5 right-1.5 !size-7 opacity-0 group-hover:opacity-100 focus-visible:opacity-100 data-[state=open]:opacity-100 [@media(hover:none)]:hidden"
          >
            <EllipsisVertical size={16} />
          </Button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content align="start" sideOffset={4} collisionPadding={8} {...MENU}>
            <RoomMenuItems room={room} of="dropdown" />
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </li>
  );
});

/** Author and text of what was said last. */
function usePreview({ last, kind }: MyRoom, author: string | undefined): string {
  const t = useTranslations('rooms');
  const systemText = useSystemText();
  if (last === null) return '';
  if (last.kind === 'system') return systemText(last);
  const said = last.text === null ? t('deleted') : oneLine(last.text);
  return author === undefined || kind === 'direct' ? said : t('preview', { name: author, text: said });
}

function RoomSigns({ room: { kind, archived, preferences } }: { room: MyRoom }) {
  const t = useTranslations('rooms');
  const look = { size: 12, role: 'img', className: 'shrink-0 text-quiet' };
  return (
    <>
      {(kind === 'private' || kind === 'password') && <LockKeyhole {...look} aria-label={t(kind)} />}
      {archived && <Archive {...look} aria-label={t('archived')} />}
      {preferences.pinned && <Pin {...look} aria-label={t('pinned')} />}
      {preferences.notify === 'none' && <BellOff {...look} aria-label={t('muted')} />}
    </>
  );
}
