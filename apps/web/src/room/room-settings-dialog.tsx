import type { MyRoom, RoomAccess, RoomKind } from '@maru/contract';
import { Archive, ArchiveRestore, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { goToRoom } from '../address.ts';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { AccessSelect, MoreSettings, readSettings, TopicField } from '../rooms/room-fields.tsx';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, text } from '../ui/field.tsx';

const isAccess = (kind: RoomKind): kind is RoomAccess => kind === 'public' || kind === 'private' || kind === 'password';

/** Name, topic and settings as they were when the dialog was opened; somebody else's change in between is told. */
export function RoomSettingsDialog({ room: opened, onClose }: { room: MyRoom; onClose: () => void }) {
  const t = useTranslations('room');
  const rooms = useTranslations('rooms');
  const refusalText = useRefusalText();
  const [room] = useState(opened);
  const [kind, setKind] = useState<RoomAccess>(isAccess(room.kind) ? room.kind : 'private');
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<string>();
  const [question, setQuestion] = useState<'archive' | 'delete' | null>(null);
  const manages = room.role !== 'member';
  const { id: roomId, version } = room;

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = text(form, 'password');
    setWorking(true);
    setError(undefined);
    try {
      await client.do('room:update', {
        roomId,
        version,
        name: text(form, 'name').trim(),
        topic: text(form, 'topic').trim(),
        ...(manages ? readSettings(form) : {}),
        ...(manages && isAccess(room.kind) ? { kind } : {}),
        ...(password === '' ? {} : { password }),
      });
      await client.rooms.load();
      onClose();
    } catch (refusal) {
      setError(refusalText(refusal));
      setWorking(false);
      // opened again it shows what it is now
      void client.rooms.load();
    }
  };

  return (
    <Dialog title={t('settings')} open onClose={onClose}>
      <form className="-mx-1 flex flex-col gap-3.5 overflow-y-auto px-1" onSubmit={(event) => void submit(event)}>
        <fieldset className="contents" disabled={room.archived}>
          <Field
            label={rooms('roomName')}
            name="name"
            maxLength={64}
            required
            autoComplete="off"
            defaultValue={room.name}
            error={error}
          />
          <TopicField value={room.topic} />
          {manages && isAccess(room.kind) && <AccessSelect value={kind} onChange={setKind} />}
          {manages && kind === 'password' && (
            <Field
              label={rooms(room.kind === 'password' ? 'newPassword' : 'roomPassword')}
              name="password"
              type="password"
              minLength={4}
              maxLength={128}
              required={room.kind !== 'password'}
              autoComplete="new-password"
            />
          )}
          {manages && <MoreSettings {...room} />}
        </fieldset>
        <div className="flex flex-wrap justify-end gap-2">
          {room.role === 'owner' && (
            <span className="mr-auto flex gap-1">
              <Button
                look="icon"
                aria-label={t(room.archived ? 'unarchive' : 'archive')}
                title={t(room.archived ? 'unarchive' : 'archive')}
                onClick={() => setQuestion('archive')}
              >
                {room.archived ? <ArchiveRestore size={17} /> : <Archive size={17} />}
              </Button>
              <Button
                look="icon"
                className="!text-persimmon"
                aria-label={t('deleteRoom')}
                title={t('deleteRoom')}
                onClick={() => setQuestion('delete')}
              >
                <Trash2 size={17} />
              </Button>
            </span>
          )}
          <Button onClick={onClose}>{rooms('cancel')}</Button>
          <Button type="submit" look="primary" disabled={working || room.archived}>
            {t('save')}
          </Button>
        </div>
      </form>
      {question === 'archive' && (
        <ConfirmDialog
          title={t(room.archived ? 'unarchiveTitle' : 'archiveTitle', { room: room.name })}
          hint={t(room.archived ? 'unarchiveHint' : 'archiveHint')}
          action={t(room.archived ? 'unarchive' : 'archive')}
          onConfirm={async () => {
            await client.do('room:archive', { roomId, archived: !room.archived });
            await client.rooms.load();
            onClose();
          }}
          onClose={() => setQuestion(null)}
        />
      )}
      {question === 'delete' && (
        <ConfirmDialog
          title={t('deleteRoomTitle', { room: room.name })}
          hint={t('deleteRoomHint')}
          action={t('deleteRoom')}
          onConfirm={async () => {
            await client.do('room:delete', { roomId });
            client.rooms.remove(roomId);
            goToRoom(null);
          }}
          onClose={() => setQuestion(null)}
        />
      )}
    </Dialog>
  );
}
