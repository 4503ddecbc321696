import type { Member, Person, RoomId } from '@maru/contract';
import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { useTimeText } from '../i18n/use-time-text.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { PresenceDot, usePresence } from '../ui/presence-dot.tsx';
import { StateNote } from '../ui/state-note.tsx';

interface Props {
  roomId: RoomId;
  me: Person;
  /** Changes whenever somebody joined or left. */
  version: number;
  onClose: () => void;
}

export function MembersPanel({ roomId, me, version, onClose }: Props) {
  const t = useTranslations('room');
  const rooms = useTranslations('rooms');
  return (
    <aside
      aria-label={t('memberList')}
      className="fixed inset-0 z-30 flex flex-col bg-ground sm:left-auto sm:w-80 sm:border-l sm:border-line lg:static lg:z-auto lg:shrink-0"
    >
      <header className="flex h-14 shrink-0 items-center justify-between border-b border-line pr-2 pl-4">
        <h2 className="font-semibold">{t('memberList')}</h2>
        <Button look="icon" aria-label={rooms('close')} onClick={onClose}>
          <X size={18} />
        </Button>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto p-2">
        <Members roomId={roomId} me={me} version={version} />
      </div>
    </aside>
  );
}

function Members({ roomId, me, version }: Omit<Props, 'onClose'>) {
  const t = useTranslations('room');
  const errors = useTranslations('errors');
  const members = useQuery({
    queryKey: ['members', roomId, version],
    queryFn: () => client.call('members', { params: { roomId }, query: {} }),
    placeholderData: (before) => before,
  });
  if (members.isPending) return Array.from({ length: 3 }, (_, i) => <div key={i} className="skeleton mb-1 h-12" />);
  if (members.isError) {
    return (
      <StateNote title={t('membersFailed')}>
        <Button onClick={() => void members.refetch()}>{errors('again')}</Button>
      </StateNote>
    );
  }
  return (
    <ul>
      {members.data.items.map((member) => (
        <MemberRow key={member.person.id} member={member} me={me} />
      ))}
    </ul>
  );
}

function MemberRow({ member: { person, role }, me }: { member: Member; me: Person }) {
  const t = useTranslations('room');
  const presence = useTranslations('presence');
  const { brief } = useTimeText();
  const status = usePresence(person.id);
  const lastSeenAt = client.presence.store.get().people.get(person.id)?.lastSeenAt;
  return (
    <li className="flex h-13 items-center gap-3 px-2">
      <span className="relative">
        <Avatar id={person.id} name={person.displayName} size={32} />
        <PresenceDot userId={person.id} />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate">
          {person.displayName}
          {person.id === me.id && <span className="text-quiet"> ({t('you')})</span>}
        </span>
        <span className="block truncate text-meta text-quiet">
          {status === 'offline' && lastSeenAt ? presence('lastSeen', { when: brief(lastSeenAt) }) : presence(status)}
        </span>
      </span>
      {role === 'owner' && <span className="rounded-md bg-line/60 px-1.5 text-meta text-quiet">{t('owner')}</span>}
    </li>
  );
}
