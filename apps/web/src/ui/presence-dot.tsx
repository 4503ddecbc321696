import type { PresenceStatus, UserId } from '@maru/contract';
import { useSyncExternalStore } from 'react';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';

/** Renders again only when this person's status changes. */
export function usePresence(userId: UserId): PresenceStatus {
  const status = (): PresenceStatus => client.presence.store.get().people.get(userId)?.status ?? 'offline';
  return useSyncExternalStore(client.presence.store.subscribe, status, status);
}

/** Filled: online. A ring: away. Nothing: offline. Told by more than colour, and in words to who does not see it. */
export function PresenceDot({ userId }: { userId: UserId }) {
  const t = useTranslations('presence');
  const status = usePresence(userId);
  if (status === 'offline') return null;
  return (
    <span
      role="img"
      aria-label={t(status)}
      title={t(status)}
      className={`absolute -right-0.5 -bottom-0.5 size-3 rounded-full border-2 border-pine ring-2 ring-ground ${status === 'online' ? 'bg-pine' : 'bg-ground'}`}
    />
  );
}
