import type { Person } from '@maru/contract';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useRoomAddress } from './address.ts';
import { client } from './client.ts';
import { RoomPane } from './room/room-pane.tsx';
import { CreateRoomDialog } from './rooms/create-room-dialog.tsx';
import { DirectoryDialog } from './rooms/directory-dialog.tsx';
import { RoomSidebar } from './rooms/room-sidebar.tsx';
import { Welcome } from './rooms/welcome.tsx';
import { useAway } from './session/use-away.ts';
import { ConnectionBanner } from './ui/connection-banner.tsx';
import type { OpenDialog } from './rooms/open-dialog.ts';
import { useStore } from './use-store.ts';

/** Rooms on the left, the conversation on the right; on a phone one of them at a time. */
export function ChatShell({ me }: { me: Person }) {
  const roomId = useRoomAddress();
  const { rooms } = useStore(client.rooms.store);
  const app = useTranslations('app');
  useAway();
  const [dialog, setDialog] = useState<OpenDialog>(null);
  const room = rooms.find(({ id }) => id === roomId);

  useEffect(() => {
    const hurry = (): void => client.connection.hurry();
    window.addEventListener('online', hurry);
    document.addEventListener('visibilitychange', hurry);
    return () => {
      window.removeEventListener('online', hurry);
      document.removeEventListener('visibilitychange', hurry);
    };
  }, []);

  useEffect(() => {
    document.title = room === undefined ? app('name') : `${room.name} · ${app('name')}`;
  }, [room, app]);

  return (
    <div className="flex h-dvh flex-col">
      <ConnectionBanner />
      <div className="flex min-h-0 flex-1">
        <aside
          className={`${roomId === null ? 'flex' : 'hidden'} w-full flex-col border-r border-line bg-panel md:flex md:w-72 md:shrink-0`}
        >
          <RoomSidebar me={me} openRoom={roomId} onDialog={setDialog} />
        </aside>
        <main className={`${roomId === null ? 'hidden' : 'flex'} min-w-0 flex-1 md:flex`}>
          {roomId === null ? (
            <Welcome me={me} onDialog={setDialog} />
          ) : (
            <RoomPane key={roomId} roomId={roomId} me={me} />
          )}
        </main>
      </div>
      <CreateRoomDialog open={dialog === 'create'} onClose={() => setDialog(null)} />
      <DirectoryDialog
        open={dialog === 'explore'}
        onClose={() => setDialog(null)}
        onCreate={() => setDialog('create')}
      />
    </div>
  );
}
