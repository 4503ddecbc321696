import type { InviteCode } from '@maru/contract';
import { useQuery } from '@tanstack/react-query';
import { LockKeyhole } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { goToRoom } from '../address.ts';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { StateNote } from '../ui/state-note.tsx';
import { JoinPasswordDialog } from './join-password-dialog.tsx';

/** Where an invitation leads, before one follows it. */
export function InviteView({ code }: { code: InviteCode }) {
  const t = useTranslations('invite');
  const rooms = useTranslations('rooms');
  const errors = useTranslations('errors');
  const refusalText = useRefusalText();
  const [asking, setAsking] = useState(false);
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<string>();
  const preview = useQuery({
    queryKey: ['invite', code],
    queryFn: () => client.call('invite', { params: { code } }),
    retry: false,
  });
  const enter = async (password?: string): Promise<void> => {
    const room = await client.do('invite:accept', { code, password });
    await client.rooms.load();
    goToRoom(room.id);
  };
  const accept = (): void => {
    setWorking(true);
    setError(undefined);
    enter().catch((refusal: unknown) => {
      setError(refusalText(refusal));
      setWorking(false);
    });
  };

  if (preview.isPending) return <div className="skeleton m-auto h-72 w-80" />;
  if (preview.isError) {
    return (
      <div className="m-auto">
        <StateNote title={t('void')} hint={t('voidHint')}>
          <Button onClick={() => goToRoom(null)}>{rooms('title')}</Button>
          <Button onClick={() => void preview.refetch()}>{errors('again')}</Button>
        </StateNote>
      </div>
    );
  }
  const { roomId, name, topic, kind, memberCount, joined, invitedBy } = preview.data;
  return (
    <section className="m-auto flex w-80 max-w-full flex-col items-center gap-2 p-6 text-center">
      <p className="text-quiet">{t('from', { name: invitedBy })}</p>
      <Avatar id={roomId} name={name} size={72} square />
      <h1 className="mt-1 flex max-w-full items-center gap-1.5 text-xl font-semibold">
        <span className="truncate">{name}</span>
        {kind === 'password' && <LockKeyhole size={16} role="img" aria-label={rooms('password')} />}
      </h1>
      {topic !== '' && <p className="[overflow-wrap:anywhere]">{topic}</p>}
      <p className="text-meta text-quiet">{rooms('members', { count: memberCount })}</p>
      {error !== undefined && (
        <p role="alert" className="text-persimmon">
          {error}
        </p>
      )}
      <div className="mt-3 flex gap-2">
        <Button onClick={() => goToRoom(null)}>{t('notNow')}</Button>
        {joined ? (
          <Button look="primary" onClick={() => goToRoom(roomId)}>
            {rooms('joined')}
          </Button>
        ) : (
          <Button look="primary" disabled={working} onClick={kind === 'password' ? () => setAsking(true) : accept}>
            {rooms('join')}
          </Button>
        )}
      </div>
      {asking && <JoinPasswordDialog room={name} onJoin={enter} onClose={() => setAsking(false)} />}
    </section>
  );
}
