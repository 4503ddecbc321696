import type { Message } from '@maru/contract';
import {
  CheckCheck,
  Copy,
  EllipsisVertical,
  History,
  Link2,
  Pencil,
  Pin,
  PinOff,
  Reply,
  SmilePlus,
} from 'lucide-react';
import { Trash2 } from 'lucide-react';
import { ContextMenu, DropdownMenu } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { messageLink } from '../address.ts';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { MENU, type MenuAction, MenuItems } from '../ui/menu.tsx';
import { EditionsDialog } from './editions-dialog.tsx';
import { EmojiPopover } from './emoji-popover.tsx';
import { useReact } from './reactions.tsx';
import { useRoom } from './room-context.ts';

const QUICK = ['👍', '❤️', '😂', '🎉'];

interface Props {
  message: Message;
  mine: boolean;
  children: ReactNode;
}

/**
 * What can be done with a message: by right click, long press or the menu key, and, while the pointer or the focus is on
 * it, by a bar beside it.
 */
export function MessageMenu({ message, mine, children }: Props) {
  const t = useTranslations('room');
  const [near, setNear] = useState(false);
  const [held, setHeld] = useState(false);
  const [dialog, setDialog] = useState<'delete' | 'editions' | null>(null);
  const actions = useActions(message, mine, setDialog);
  const { mayWrite } = useRoom();
  const react = useReact();
  const deleted = message.text === null;
  return (
    <div
      className="relative min-w-0"
      onPointerEnter={({ pointerType }) => pointerType === 'mouse' && setNear(true)}
      onPointerLeave={() => setNear(false)}
      onFocus={() => setNear(true)}
      onBlur={({ currentTarget, relatedTarget }) => !currentTarget.contains(relatedTarget) && setNear(false)}
    >
      <ContextMenu.Root modal={false}>
        <ContextMenu.Trigger asChild disabled={deleted}>
          {children}
        </ContextMenu.Trigger>
        <ContextMenu.Portal>
          <ContextMenu.Content {...MENU} collisionPadding={8}>
            {mayWrite && (
              <div className="flex gap-0.5 pb-1">
                {QUICK.map((emoji) => (
                  <ContextMenu.Item
                    key={emoji}
                    aria-label={t('react', { emoji })}
                    className="grid size-10 cursor-default place-items-center rounded-md text-xl outline-none data-[highlighted]:bg-line/60"
                    onSelect={() => react(message.seq, emoji, true)}
                  >
                    {emoji}
                  </ContextMenu.Item>
                ))}
              </div>
            )}
            <MenuItems actions={actions} of="context" />
          </ContextMenu.Content>
        </ContextMenu.Portal>
      </ContextMenu.Root>
      {(near || held) && !deleted && (
        <div
          className={`absolute bottom-[calc(100%-6px)] z-20 flex rounded-lg [@media(hover:none)]:hidden border border-line bg-ground shadow-[0_4px_12px_oklch(0.2_0.02_60/0.12)] ${mine ? 'right-0' : 'left-0'}`}
        >
          {mayWrite && (
            <EmojiPopover
              label={t('addReaction')}
              onPick={(emoji) => react(message.seq, emoji, true)}
              onOpenChange={setHeld}
            >
              <Button look="icon" className="!size-8" aria-label={t('addReaction')} title={t('addReaction')}>
                <SmilePlus size={16} />
              </Button>
            </EmojiPopover>
          )}
          <ReplyButton seq={message.seq} />
          <DropdownMenu.Root modal={false} onOpenChange={setHeld}>
            <DropdownMenu.Trigger asChild>
              <Button look="icon" className="!size-8" aria-label={t('moreActions')} title={t('moreActions')}>
                <EllipsisVertical size={16} />
              </Button>
            </DropdownMenu.Trigger>
            <DropdownMenu.Portal>
              <DropdownMenu.Content align="end" sideOffset={4} collisionPadding={8} {...MENU}>
                <MenuItems actions={actions} of="dropdown" />
              </DropdownMenu.Content>
            </DropdownMenu.Portal>
          </DropdownMenu.Root>
        </div>
      )}
      <DeleteDialog message={message} open={dialog === 'delete'} onClose={() => setDialog(null)} />
      {dialog === 'editions' && <EditionsDialog message={message} onClose={() => setDialog(null)} />}
    </div>
  );
}

function ReplyButton({ seq }: { seq: number }) {
  const t = useTranslations('room');
  const { mayWrite, reply } = useRoom();
  if (!mayWrite) return null;
  return (
    <Button look="icon" className="!size-8" aria-label={t('reply')} title={t('reply')} onClick={() => reply(seq)}>
      <Reply size={16} />
    </Button>
  );
}

function useActions(message: Message, mine: boolean, open: (dialog: 'delete' | 'editions') => void): MenuAction[] {
  const t = useTranslations('room');
  const refusalText = useRefusalText();
  const { roomId, mayWrite, mayPin, mayModerate, reply, edit, showReaders } = useRoom();
  const { seq, text, pinned = false, editedAt } = message;
  const copy = (what: string): void =>
    void navigator.clipboard.writeText(what).then(
      () => toast.success(t('copied')),
      () => toast.error(t('copyFailed')),
    );
  const pin = (): void =>
    void client
      .room(roomId)
      .pin(seq, !pinned)
      .catch((error: unknown) => toast.error(refusalText(error)));
  return [
    { key: 'reply', label: t('reply'), Icon: Reply, run: () => reply(seq), when: mayWrite },
    { key: 'edit', label: t('edit'), Icon: Pencil, run: () => edit(seq), when: mine && mayWrite },
    { key: 'copy', label: t('copyText'), Icon: Copy, run: () => copy(text ?? ''), when: true },
    { key: 'link', label: t('copyLink'), Icon: Link2, run: () => copy(messageLink(roomId, seq)), when: true },
    { key: 'pin', label: t(pinned ? 'unpin' : 'pin'), Icon: pinned ? PinOff : Pin, run: pin, when: mayPin && mayWrite },
    { key: 'readers', label: t('readers'), Icon: CheckCheck, run: () => showReaders(seq), when: true },
    { key: 'editions', label: t('editions'), Icon: History, run: () => open('editions'), when: editedAt !== undefined },
    {
      key: 'delete',
      label: t('delete'),
      Icon: Trash2,
      run: () => open('delete'),
      dangerous: true,
      when: mayWrite && (mine || mayModerate),
    },
  ];
}

function DeleteDialog({ message, open, onClose }: { message: Message; open: boolean; onClose: () => void }) {
  const t = useTranslations('room');
  const rooms = useTranslations('rooms');
  const refusalText = useRefusalText();
  const { roomId } = useRoom();
  const remove = (): void => {
    onClose();
    client
      .room(roomId)
      .delete(message.seq)
      .catch((error: unknown) => toast.error(refusalText(error)));
  };
  return (
    <Dialog title={t('deleteTitle')} hint={t('deleteHint')} open={open} onClose={onClose}>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{rooms('cancel')}</Button>
        <Button look="primary" onClick={remove}>
          {t('delete')}
        </Button>
      </div>
    </Dialog>
  );
}
