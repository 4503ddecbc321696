import { messageAt, type RoomState } from '@maru/client';
import { endsMembershipOf, type MyRoom, type Person, type RoomId } from '@maru/contract';
import { useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { forgetMessage, goToRoom } from '../address.ts';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { useSystemText } from '../i18n/use-system-text.ts';
import { useRoomTitle } from '../rooms/room-title.ts';
import { Button } from '../ui/button.tsx';
import { StateNote } from '../ui/state-note.tsx';
import { useStore } from '../use-store.ts';
import { Composer } from './composer.tsx';
import { CannotWrite, SlowModeNote } from './composer-notice.tsx';
import { MembersPanel } from './members-panel.tsx';
import { MessageList, type Place, type Target } from './message-list.tsx';
import { PinsPanel } from './pins-panel.tsx';
import { ReadersPanel } from './readers-panel.tsx';
import { type Panel, RoomContext, type RoomContextValue } from './room-context.ts';
import { RoomHeader } from './room-header.tsx';
import { TypingLine } from './typing-line.tsx';
import { useLeftOff } from './use-left-off.ts';

/** One conversation: header, messages, composer, and beside it members, pins or who has read a message. */
export function RoomPane({ roomId, message, me }: { roomId: RoomId; message: number | null; me: Person }) {
  const view = client.room(roomId);
  const state = useStore(view.store);
  const { rooms, status: listStatus } = useStore(client.rooms.store);
  const t = useTranslations('room');
  const refusalText = useRefusalText();
  const [panel, setPanel] = useState<Panel>(null);
  const [replyingTo, setReplyingTo] = useState<number | null>(null);
  const [editing, setEditing] = useState<number | null>(null);
  const [target, setTarget] = useState<Target | null>(null);
  const place = useRef<Place>('new');
  const room = rooms.find(({ id }) => id === roomId);
  const title = useRoomTitle(room);
  const leftOff = useLeftOff(room, state.outgoing.at(-1)?.id);
  const loaded = state.timeline.historyEpoch > 0 && (leftOff !== undefined || listStatus !== 'loading');
  const version =
    state.timeline.entries.findLast((entry) => entry.kind === 'system' && !endsMembershipOf(entry, me.id))?.seq ?? 0;

  useEffect(() => {
    view.open();
    return () => view.close();
  }, [view]);

  useMarkEnded(room);

  const jump = (seq: number, from?: number): void => {
    view.jumpTo(seq).then(
      (found) => (found ? setTarget({ seq, from }) : toast.error(t('messageGone'))),
      (error: unknown) => toast.error(refusalText(error)),
    );
  };
  const jumpTo = useEffectEvent(jump);
  useEffect(() => {
    if (message === null || !loaded) return;
    jumpTo(message);
    forgetMessage();
  }, [message, loaded]);

  const context = useRoomContext(roomId, room, me, { setReplyingTo, setEditing, setPanel, jump });
  const editLast = (): void => {
    const mine = state.timeline.entries.findLast(
      (entry) => entry.kind === 'message' && entry.senderId === me.id && entry.text !== null,
    );
    if (mine !== undefined) setEditing(mine.seq);
  };
  const back = target?.from;
  return (
    <RoomContext value={context}>
      <section className="flex min-w-0 flex-1 flex-col" aria-label={title}>
        <RoomHeader room={room} title={title} panel={panel} onPanel={setPanel} />
        {state.status === 'left' ? (
          <Left roomId={roomId} state={state} />
        ) : state.status === 'failed' ? (
          <Failed onRetry={() => view.open()} error={state.error} />
        ) : loaded ? (
          <MessageList
            key={state.excursion === null ? 'present' : 'past'}
            roomName={title}
            me={me}
            state={state}
            editing={editing}
            target={target}
            onBack={back === undefined ? undefined : () => jump(back)}
            place={place}
            leftOff={leftOff ?? null}
          />
        ) : (
          <Loading />
        )}
        {state.status !== 'left' && state.status !== 'failed' && (
          <>
            <div className="flex items-center justify-between gap-4 pr-4 text-meta text-quiet">
              <TypingLine typing={state.typing} me={me.id} />
              {room !== undefined && room.slowModeSeconds > 0 && room.role === 'member' && (
                <SlowModeNote seconds={room.slowModeSeconds} />
              )}
            </div>
            {room !== undefined && !context.mayWrite ? (
              <CannotWrite room={room} />
            ) : (
              <Composer
                roomName={title}
                replyingTo={replyingTo}
                editing={editing !== null}
                quote={replyingTo === null ? undefined : messageAt(state.excursion ?? state.timeline, replyingTo)}
                onReplyEnd={() => setReplyingTo(null)}
                onEditLast={editLast}
              />
            )}
          </>
        )}
      </section>
      {panel === 'members' && state.status !== 'left' && (
        <MembersPanel version={version} onClose={() => setPanel(null)} />
      )}
      {typeof panel === 'object' && panel !== null && state.status !== 'left' && (
        <ReadersPanel
          key={panel.readersOf}
          seq={panel.readersOf}
          unread={state.unread.get(panel.readersOf) ?? 0}
          message={messageAt(state.excursion ?? state.timeline, panel.readersOf)}
          onClose={() => setPanel(null)}
        />
      )}
      {panel === 'pins' && state.status !== 'left' && (
        <PinsPanel version={pinned(state)} onClose={() => setPanel(null)} />
      )}
    </RoomContext>
  );
}

interface Ways {
  setReplyingTo: (seq: number) => void;
  setEditing: (seq: number | null) => void;
  setPanel: (panel: Panel) => void;
  jump: (seq: number, from?: number) => void;
}

/** Changes only when what one may do here changes: whatever is inside of the room listens to it. */
function useRoomContext(roomId: RoomId, room: MyRoom | undefined, me: Person, ways: Ways): RoomContextValue {
  const latest = useRef(ways);
  useEffect(() => void (latest.current = ways));
  const { role = 'member', kind = 'public', archived = false, mutedUntil = null } = room ?? {};
  const muted = useMuted(mutedUntil);
  return useMemo(() => {
    const mayModerate = role === 'owner' || role === 'admin';
    return {
      roomId,
      me,
      kind,
      role,
      archived,
      mayWrite: !archived && !muted,
      mayModerate,
      mayPin: mayModerate || kind === 'group' || kind === 'direct',
      reply: (seq) => latest.current.setReplyingTo(seq),
      edit: (seq) => latest.current.setEditing(seq),
      jump: (seq, from) => latest.current.jump(seq, from),
      showReaders: (seq) => latest.current.setPanel({ readersOf: seq }),
    };
  }, [roomId, me, role, kind, archived, muted]);
}

/** To open a room that I marked as unread ends the mark; one that I mark while it is open stays marked. */
function useMarkEnded(room: MyRoom | undefined): void {
  const known = room !== undefined;
  const end = useEffectEvent(() => {
    // should it fail, the mark stays, and nothing else is lost
    if (room?.preferences.markedUnread) void client.rooms.prefer(room.id, { markedUnread: false }).catch(() => {});
  });
  useEffect(() => {
    if (known) end();
  }, [known]);
}

/** Changes when a message that is there is pinned or unpinned. */
const pinned = ({ timeline }: RoomState): string =>
  timeline.entries.flatMap((entry) => (entry.kind === 'message' && entry.pinned ? entry.seq : [])).join(' ');

/** The longest that a timer can run, milliseconds. */
const MAX_TIMEOUT_MS = 2_147_483_647;

/** True until that time, and for as long as it is away. */
function useMuted(until: number | null): boolean {
  const [over, setOver] = useState<number | null>(null);
  useEffect(() => {
    if (until === null || until - Date.now() > MAX_TIMEOUT_MS) return;
    const timer = setTimeout(() => setOver(until), Math.max(until - Date.now(), 0));
    return () => clearTimeout(timer);
  }, [until]);
  return until !== null && over !== until;
}

/** What ended the membership, if the log said so, and the way back where there is one. */
function Left({ roomId, state }: { roomId: RoomId; state: RoomState }) {
  const t = useTranslations('room');
  const refusalText = useRefusalText();
  const systemText = useSystemText();
  const last = state.timeline.entries.at(-1);
  const join = async (): Promise<void> => {
    try {
      await client.do('room:join', { roomId });
      await client.rooms.load();
      client.room(roomId).open();
    } catch (error) {
      toast.error(refusalText(error));
    }
  };
  const said = last?.kind === 'system' && last.event !== 'left' ? systemText(last) : undefined;
  const wasThere = last !== undefined;
  return (
    <div className="m-auto">
      <StateNote title={t(wasThere ? 'left' : 'notMember')} hint={said ?? t(wasThere ? 'leftHint' : 'notMemberHint')}>
        {last?.kind === 'system' && last.event === 'deleted' ? (
          <Button onClick={() => goToRoom(null)}>{t('back')}</Button>
        ) : (
          <Button look="primary" onClick={() => void join()}>
            {t(wasThere ? 'joinAgain' : 'join')}
          </Button>
        )}
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
