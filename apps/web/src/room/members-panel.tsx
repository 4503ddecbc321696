import type { Member, OperationName, Person } from '@maru/contract';
import type { OperationRequest } from '@maru/client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Ban, Crown, EllipsisVertical, MessageCircle, MicOff, Mic, Shield, ShieldOff, UserMinus } from 'lucide-react';
import { UserPlus } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { useTimeText } from '../i18n/use-time-text.ts';
import { useDirect } from '../profile/use-direct.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Panel } from '../ui/panel.tsx';
import { PresenceDot, usePresence } from '../ui/presence-dot.tsx';
import { MENU, type MenuAction, MenuItems } from '../ui/menu.tsx';
import { StateNote } from '../ui/state-note.tsx';
import { AddPeopleDialog } from './add-people-dialog.tsx';
import { BansList } from './bans-list.tsx';
import { useRoom } from './room-context.ts';

/** `version` changes whenever something happened to the room or its members. */
export function MembersPanel({ version, onClose }: { version: number; onClose: () => void }) {
  const t = useTranslations('room');
  const { roomId, kind, archived, mayModerate } = useRoom();
  const [adding, setAdding] = useState(false);
  const mayAdd = !archived && (mayModerate || kind === 'group');
  return (
    <Panel title={t('memberList')} onClose={onClose}>
      {mayAdd && (
        <Button className="mb-2 w-full justify-center" onClick={() => setAdding(true)}>
          <UserPlus size={17} />
          {t('addPeople')}
        </Button>
      )}
      <Members version={version} />
      {mayModerate && kind !== 'direct' && <BansList version={version} />}
      {adding && <AddPeopleDialog roomId={roomId} onClose={() => setAdding(false)} />}
    </Panel>
  );
}

function Members({ version }: { version: number }) {
  const t = useTranslations('room');
  const errors = useTranslations('errors');
  const { roomId } = useRoom();
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
        <MemberRow key={member.person.id} member={member} />
      ))}
    </ul>
  );
}

function MemberRow({ member }: { member: Member }) {
  const { person, role, mutedUntil } = member;
  const t = useTranslations('room');
  const presence = useTranslations('presence');
  const { brief } = useTimeText();
  const { me } = useRoom();
  const status = usePresence(person.id);
  const lastSeenAt = client.presence.store.get().people.get(person.id)?.lastSeenAt;
  return (
    <li className="flex h-13 items-center gap-3 rounded-lg px-2 hover:bg-line/40">
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
      {mutedUntil !== null && <MicOff size={14} role="img" aria-label={t('mutedMark')} className="text-quiet" />}
      {role !== 'member' && <span className="rounded-md bg-line/60 px-1.5 text-meta text-ink">{t(role)}</span>}
      {person.id !== me.id && <MemberMenu member={member} />}
    </li>
  );
}

const HOUR_S = 3_600;
type Question = 'kick' | 'ban' | 'transfer' | null;

function MemberMenu({ member }: { member: Member }) {
  const t = useTranslations('room');
  const [question, setQuestion] = useState<Question>(null);
  const actions = useActions(member, setQuestion);
  return (
    <>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger asChild>
          <Button look="icon" aria-label={t('memberActions', { name: member.person.displayName })}>
            <EllipsisVertical size={16} />
          </Button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content align="end" sideOffset={4} {...MENU}>
            <MenuItems actions={actions} of="dropdown" />
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <Questions person={member.person} question={question} onClose={() => setQuestion(null)} />
    </>
  );
}

function useActions({ person, role, mutedUntil }: Member, ask: (question: Question) => void): MenuAction[] {
  const t = useTranslations('room');
  const direct = useDirect();
  const change = useChange();
  const { roomId, role: mine, archived } = useRoom();
  const below = (mine === 'owner' && role !== 'owner') || (mine === 'admin' && role === 'member');
  const owns = mine === 'owner';
  const about = { roomId, userId: person.id };
  const open = !archived;
  return [
    { key: 'direct', label: t('message'), Icon: MessageCircle, run: () => void direct(person.id), when: true },
    {
      key: 'admin',
      label: t('makeAdmin'),
      Icon: Shield,
      run: () => change('member:role', { ...about, role: 'admin' }),
      when: open && owns && role === 'member',
    },
    {
      key: 'member',
      label: t('makeMember'),
      Icon: ShieldOff,
      run: () => change('member:role', { ...about, role: 'member' }),
      when: open && owns && role === 'admin',
    },
    { key: 'transfer', label: t('transfer'), Icon: Crown, run: () => ask('transfer'), when: open && owns },
    {
      key: 'mute',
      label: t('mute'),
      Icon: MicOff,
      run: () => change('member:mute', { ...about, seconds: HOUR_S }),
      when: open && below && mutedUntil === null,
    },
    {
      key: 'muteForever',
      label: t('muteForever'),
      Icon: MicOff,
      run: () => change('member:mute', { ...about, seconds: null }),
      when: open && below && mutedUntil === null,
    },
    {
      key: 'unmute',
      label: t('unmute'),
      Icon: Mic,
      run: () => change('member:unmute', about),
      when: open && below && mutedUntil !== null,
    },
    { key: 'kick', label: t('kick'), Icon: UserMinus, run: () => ask('kick'), dangerous: true, when: open && below },
    { key: 'ban', label: t('ban'), Icon: Ban, run: () => ask('ban'), dangerous: true, when: open && below },
  ];
}

/** Does it, and says why where it is refused; the log of the room tells everybody what has changed. */
function useChange(): <N extends OperationName>(name: N, input: OperationRequest<N>) => void {
  const refusalText = useRefusalText();
  return (name, input) => {
    client.do(name, input).catch((error: unknown) => toast.error(refusalText(error)));
  };
}

function Questions({ person, question, onClose }: { person: Person; question: Question; onClose: () => void }) {
  const t = useTranslations('room');
  const queries = useQueryClient();
  const { roomId } = useRoom();
  if (question === null) return null;
  const about = { roomId, userId: person.id };
  const name = person.displayName;
  const asked = {
    kick: { title: t('kickTitle', { name }), hint: t('kickHint'), action: t('kick'), operation: 'member:kick' },
    ban: { title: t('banTitle', { name }), hint: t('banHint'), action: t('ban'), operation: 'member:ban' },
    transfer: {
      title: t('transferTitle', { name }),
      hint: t('transferHint'),
      action: t('transfer'),
      operation: 'room:transfer',
    },
  } as const;
  const { operation, ...words } = asked[question];
  const confirm = async (): Promise<void> => {
    await client.do(operation, about);
    await Promise.all([client.rooms.load(), queries.invalidateQueries({ queryKey: ['bans', roomId] })]);
  };
  return <ConfirmDialog {...words} onConfirm={confirm} onClose={onClose} />;
}
