import type { UserId } from '@maru/contract';
import { MessageCircle } from 'lucide-react';
import { Popover } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { PresenceDot, usePresence } from '../ui/presence-dot.tsx';
import { useDirect } from './use-direct.ts';

/** Opens who somebody is, and from there a conversation with him. */
export function ProfileButton({ userId, name, children }: { userId: UserId; name: string; children: ReactNode }) {
  const t = useTranslations('profile');
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <button type="button" aria-label={t('open', { name })} className="rounded-full">
          {children}
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label={name}
          side="right"
          align="start"
          sideOffset={8}
          collisionPadding={8}
          className="z-50 w-64 rounded-xl border border-line bg-ground p-4 shadow-[0_8px_24px_oklch(0.2_0.02_60/0.12)]"
        >
          <Profile userId={userId} name={name} onClose={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Profile({ userId, name, onClose }: { userId: UserId; name: string; onClose: () => void }) {
  const t = useTranslations('profile');
  const presence = useTranslations('presence');
  const status = usePresence(userId);
  const direct = useDirect();
  const account = client.people.store.get().people.get(userId)?.name;
  const isMe = client.session.store.get().person?.id === userId;
  return (
    <div className="flex flex-col items-center gap-1 text-center">
      <span className="relative mb-1">
        <Avatar id={userId} name={name} size={64} />
        <PresenceDot userId={userId} />
      </span>
      <p className="max-w-full truncate text-lg font-semibold">{name}</p>
      {account !== undefined && <p className="max-w-full truncate text-meta text-quiet">@{account}</p>}
      <p className="text-meta text-quiet">{presence(status)}</p>
      {!isMe && (
        <Button
          look="primary"
          className="mt-3"
          onClick={() => {
            onClose();
            void direct(userId);
          }}
        >
          <MessageCircle size={17} />
          {t('message')}
        </Button>
      )}
    </div>
  );
}
