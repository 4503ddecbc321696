import type { Person } from '@maru/contract';
import { useEffect, useState } from 'react';
import { useAddress } from './address.ts';
import { client } from './client.ts';
import { useNotices } from './notices/use-notices.ts';
import { usePageTitle } from './notices/use-page-title.ts';
import { RoomPane } from './room/room-pane.tsx';
import { CreateRoomDialog } from './rooms/create-room-dialog.tsx';
import { DirectoryDialog } from './rooms/directory-dialog.tsx';
import { InviteView } from './rooms/invite-view.tsx';
import { NewMessageDialog } from './rooms/new-message-dialog.tsx';
import { QuickSwitch } from './rooms/quick-switch.tsx';
import { RoomSidebar } from './rooms/room-sidebar.tsx';
import { useRoomTitle } from './rooms/room-title.ts';
import { unreadTotal } from './rooms/unread-total.ts';
import { useRoomKeys } from './rooms/use-room-keys.ts';
import { Welcome } from './rooms/welcome.tsx';
import { useAway } from './session/use-away.ts';
import { ConnectionBanner } from './ui/connection-banner.tsx';
import type { OpenDialog } from './rooms/open-dialog.ts';
import { useStore } from './use-store.ts';

/** Rooms on the left, the conversation on the right; on a phone one of them at a time. */
export function ChatShell({ me }: { me: Person }) {
  const { room: roomId, message, invite } = useAddress();
  const { rooms } = useStore(client.rooms.store);
  useAway();
  useNotices(me);
  const [dialog, setDialog] = useState<OpenDialog>(null);
  const room = rooms.find(({ id }) => id === roomId);
  const title = useRoomTitle(room);
  const somewhere = roomId !== null || invite !== null;
  const close = (): void => setDialog(null);
  usePageTitle(title, unreadTotal(rooms));
  useRoomKeys(rooms, roomId, () => setDialog((open) => (open === 'switch' ? null : 'switch')));

  useEffect(() => {
    const hurry = (): void => client.connection.hurry();
    window.addEventListener('online', hurry);
    document.addEventListener('visibilitychange', hurry);
    return () => {
      window.removeEventListener('online', hurry);
      document.removeEventListener('visibilitychange', hurry);
    };
  }, []);

  return (
    <div className="flex h-dvh flex-col">
      <ConnectionBanner />
      <div className="flex min-h-0 flex-1">
        <aside
          className={`${somewhere ? 'hidden' : 'flex'} w-full flex-col border-r border-line bg-panel md:flex md:w-72 md:shrink-0`}
        >
          <RoomSidebar me={me} openRoom={roomId} onDialog={setDialog} />
        </aside>
        <main className={`${somewhere ? 'flex' : 'hidden'} min-w-0 flex-1 md:flex`}>
          {invite !== null ? (
            <InviteView code={invite} />
          ) : roomId === null ? (
            <Welcome me={me} onDialog={setDialog} />
          ) : (
            <RoomPane key={roomId} roomId={roomId} message={message} me={me} />
          )}
        </main>
      </div>
      {dialog === 'create' && <CreateRoomDialog onClose={close} />}
      {dialog === 'explore' && <DirectoryDialog onClose={close} onCreate={() => setDialog('create')} />}
      {dialog === 'message' && <NewMessageDialog me={me} onClose={close} />}
      {dialog === 'switch' && <QuickSwitch onClose={close} onDialog={setDialog} />}
    </div>
  );
}
