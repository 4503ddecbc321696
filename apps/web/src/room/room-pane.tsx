import type { Person, RoomId } from '@maru/contract';
import { ChevronLeft, EllipsisVertical, LogOut, UsersRound } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useEffect, useState } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { goToRoom } from '../address.ts';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { MENU, MENU_ITEM } from '../ui/settings.tsx';
import { StateNote } from '../ui/state-note.tsx';
import { useStore } from '../use-store.ts';
import { Composer } from './composer.tsx';
import { MembersPanel } from './members-panel.tsx';
import { MessageList } from './message-list.tsx';
import { TypingLine } from './typing-line.tsx';

/** One conversation: header, messages, composer, and the members beside it. */
export function RoomPane({ roomId, me }: { roomId: RoomId; me: Person }) {
  const view = client.room(roomId);
  const state = useStore(view.store);
  const { rooms } = useStore(client.rooms.store);
  const [membersShown, setMembersShown] = useState(false);
  const name = rooms.find(({ id }) => id === roomId)?.name ?? '';
  const version = state.timeline.entries.findLast((entry) => entry.kind === 'system')?.seq ?? 0;

  useEffect(() => {
    view.open();
    return () => view.close();
  }, [view]);

  const loaded = state.timeline.historyEpoch > 0;
  return (
    <>
      <section className="flex min-w-0 flex-1 flex-col" aria-label={name}>
        <Header
          roomId={roomId}
          name={name}
          left={state.status === 'left'}
          onMembers={() => setMembersShown(!membersShown)}
        />
        {state.status === 'left' ? (
          <Left roomId={roomId} />
        ) : state.status === 'failed' ? (
          <Failed onRetry={() => view.open()} error={state.error} />
        ) : loaded ? (
          <MessageList roomId={roomId} roomName={name} me={me} state={state} />
        ) : (
          <Loading />
        )}
        {state.status !== 'left' && state.status !== 'failed' && (
          <>
            <TypingLine typing={state.typing} me={me.id} />
            <Composer roomId={roomId} roomName={name} me={me} />
          </>
        )}
      </section>
      {membersShown && state.status !== 'left' && (
        <MembersPanel roomId={roomId} me={me} version={version} onClose={() => setMembersShown(false)} />
      )}
    </>
  );
}

function Header({
  roomId,
  name,
  left,
  onMembers,
}: {
  roomId: RoomId;
  name: string;
  left: boolean;
  onMembers: () => void;
}) {
  const t = useTranslations('room');
  const [leaving, setLeaving] = useState(false);
  return (
    <header className="flex h-14 shrink-0 items-center gap-2.5 border-b border-line pr-2 pl-2 md:pl-4">
      <Button look="icon" className="md:hidden" aria-label={t('back')} onClick={() => goToRoom(null)}>
        <ChevronLeft size={20} />
      </Button>
      <Avatar id={roomId} name={name} size={32} square />
      <h1 className="min-w-0 flex-1 truncate font-semibold">{name}</h1>
      {!left && (
        <>
          <Button look="icon" aria-label={t('memberList')} title={t('memberList')} onClick={onMembers}>
            <UsersRound size={18} />
          </Button>
          <DropdownMenu.Root>
            <DropdownMenu.Trigger asChild>
              <Button look="icon" aria-label={t('menu')}>
                <EllipsisVertical size={18} />
              </Button>
            </DropdownMenu.Trigger>
            <DropdownMenu.Portal>
              <DropdownMenu.Content align="end" sideOffset={6} className={MENU}>
                <DropdownMenu.Item className={MENU_ITEM} onSelect={() => setLeaving(true)}>
                  <LogOut size={16} />
                  {t('leave')}
                </DropdownMenu.Item>
              </DropdownMenu.Content>
            </DropdownMenu.Portal>
          </DropdownMenu.Root>
        </>
      )}
      <LeaveDialog roomId={roomId} name={name} open={leaving} onClose={() => setLeaving(false)} />
    </header>
  );
}

function LeaveDialog({
  roomId,
  name,
  open,
  onClose,
}: {
  roomId: RoomId;
  name: string;
  open: boolean;
  onClose: () => void;
}) {
  const t = useTranslations('room');
  const rooms = useTranslations('rooms');
  const refusalText = useRefusalText();
  const leave = async (): Promise<void> => {
    try {
      await client.do('room:leave', { roomId });
      client.rooms.remove(roomId);
      goToRoom(null);
    } catch (error) {
      toast.error(refusalText(error));
    }
    onClose();
  };
  return (
    <Dialog title={t('leaveTitle', { room: name })} hint={t('leaveHint')} open={open} onClose={onClose}>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{rooms('cancel')}</Button>
        <Button look="primary" onClick={() => void leave()}>
          {t('leave')}
        </Button>
      </div>
    </Dialog>
  );
}

function Left({ roomId }: { roomId: RoomId }) {
  const t = useTranslations('room');
  const refusalText = useRefusalText();
  const join = async (): Promise<void> => {
    try {
      await client.do('room:join', { roomId });
      await client.rooms.load();
      client.room(roomId).open();
    } catch (error) {
      toast.error(refusalText(error));
    }
  };
  return (
    <div className="m-auto">
      <StateNote title={t('left')} hint={t('leftHint')}>
        <Button look="primary" onClick={() => void join()}>
          {t('joinAgain')}
        </Button>
      </StateNote>
    </div>
  );
}

function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const t = useTranslations('room');
  const errors = useTranslations('errors');
  const refusalText = useRefusalText();
  return (
    <div className="m-auto">
      <StateNote title={t('loadFailed')} hint={refusalText(error)}>
        <Button onClick={onRetry}>{errors('again')}</Button>
      </StateNote>
    </div>
  );
}

/** Bubbles of the heights that messages have. */
function Loading() {
  const widths = ['w-56', 'w-40', 'w-72', 'w-48'];
  return (
    <div className="flex flex-1 flex-col justify-end gap-3 p-4" aria-hidden>
      {widths.map((width, i) => (
        <div key={width} className={`flex gap-2.5 ${i === 2 ? 'flex-row-reverse' : ''}`}>
          {i !== 2 && <div className="skeleton size-9 !rounded-full" />}
          <div className={`skeleton h-9 !rounded-xl ${width}`} />
        </div>
      ))}
    </div>
  );
}
