import type { MyRoom, Notify } from '@maru/contract';
import { Check, Mail, MailOpen, Pin, PinOff } from 'lucide-react';
import { ContextMenu, DropdownMenu } from 'radix-ui';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { MENU_ITEM, type MenuAction, MenuItems } from '../ui/menu.tsx';

const CHOICES: readonly Notify[] = ['all', 'mentions', 'none'];

/** How I want to have a room, as items of a menu of either kind. Shown at once, taken back where it is refused. */
export function RoomMenuItems({ room, of }: { room: MyRoom; of: 'dropdown' | 'context' }) {
  const t = useTranslations('rooms');
  const refusalText = useRefusalText();
  const { id, unread, preferences } = room;
  const { pinned, markedUnread, notify } = preferences;
  const told = (asked: Promise<void>): void => void asked.catch((error: unknown) => toast.error(refusalText(error)));
  const isUnread = unread > 0 || markedUnread;
  const actions: MenuAction[] = [
    {
      key: 'pin',
      label: t(pinned ? 'unpin' : 'pin'),
      Icon: pinned ? PinOff : Pin,
      run: () => told(client.rooms.prefer(id, { pinned: !pinned })),
      when: true,
    },
    {
      key: 'mark',
      label: t(isUnread ? 'markRead' : 'markUnread'),
      Icon: isUnread ? MailOpen : Mail,
      run: () => told(isUnread ? client.rooms.readAll(id) : client.rooms.prefer(id, { markedUnread: true })),
      when: true,
    },
  ];
  const Menu = of === 'dropdown' ? DropdownMenu : ContextMenu;
  return (
    <>
      <MenuItems actions={actions} of={of} />
      <Menu.Separator className="my-1 h-px bg-line" />
      <Menu.Label className="px-2 py-1 text-meta text-quiet">{t('notify')}</Menu.Label>
      <Menu.RadioGroup value={notify}>
        {CHOICES.map((choice) => (
          <Menu.RadioItem
            key={choice}
            value={choice}
            className={MENU_ITEM}
            onSelect={() => told(client.rooms.prefer(id, { notify: choice }))}
          >
            <span className="grid size-4 place-items-center text-wood">
              <Menu.ItemIndicator>
                <Check size={15} />
              </Menu.ItemIndicator>
            </span>
            {t(`notify-${choice}`)}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
    </>
  );
}
