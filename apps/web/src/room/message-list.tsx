import type { RoomState } from '@maru/client';
import type { Person } from '@maru/contract';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, CornerUpLeft } from 'lucide-react';
import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useEffectEvent,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { dayOf } from '../i18n/use-time-text.ts';
import { useStore } from '../use-store.ts';
import { Divider } from './divider.tsx';
import { MessageRow } from './message-row.tsx';
import { useRoom } from './room-context.ts';
import { buildRows, type Row } from './rows.ts';
import { useReading } from './use-reading.ts';

/** A message to be shown, and where to go back to from it. A new object for each wish. */
export interface Target {
  seq: number;
  from: number | undefined;
}

interface Props {
  roomName: string;
  me: Person;
  state: RoomState;
  editing: number | null;
  target: Target | null;
  /** Goes back to where the target was asked for. */
  onBack: (() => void) | undefined;
  /** Where the reader is, kept over a change between the present and the past. */
  place: RefObject<Place>;
  /** Up to where I had read when I came here. */
  leftOff: number | null;
}

/** Seq of what is in the middle of the screen; null: the end; before anything was seen: what is new. */
export type Place = number | 'new' | null;

/** Earlier or later messages are asked for when the reader is this near to the first or last one, pixels. */
const NEAR_EDGE = 600;
/** Nearer to the end than this counts as being there, pixels. */
const NEAR_END = 60;
const HIGHLIGHT_MS = 2_000;

const isAtEnd = (list: HTMLElement | null): boolean =>
  list !== null && list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END;

/**
 * The conversation, windowed. In the present it follows the end only while the reader is there; pages are put before
 * and, in the past, after what is on the screen without moving it.
 */
export function MessageList({ roomName, me, state, editing, target, onBack, place, leftOff }: Props) {
  const t = useTranslations('room');
  const { roomId } = useRoom();
  const { excursion, outgoing, loading } = state;
  const timeline = excursion ?? state.timeline;
  const inPresent = excursion === null;
  const { people } = useStore(client.people.store);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRows(state, me, leftOff);
  const [atEnd, setAtEnd] = useState(true);
  const [seenRows, setSeenRows] = useState<string>();
  useReading(scroller, inPresent && state.status === 'open' ? timeline.to : 0, isAtEnd);
  const highlighted = useHighlight(target);

  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]?.kind === 'message' ? 44 : 40),
    getItemKey: (index) => rows[index]?.key ?? index,
    anchorTo: 'end',
    followOnAppend: inPresent,
    scrollEndThreshold: NEAR_END,
    overscan: 8,
  });
  const indexOf = (seq: number): number => rows.findIndex((row) => row.kind === 'message' && row.message?.seq === seq);
  const show = (seq: number): void => {
    const index = indexOf(seq);
    if (index >= 0) virtualizer.scrollToIndex(index, { align: 'center' });
  };

  // where the reader was before this list was put up, else what is new, once it is there, else the end
  const opened = state.status === 'open';
  const showPlace = useEffectEvent(() => {
    const at = target?.seq ?? place.current;
    if (opened && at === 'new') place.current = null;
    const firstNew = at === 'new' ? rows.findIndex(({ kind }) => kind === 'new') : -1;
    if (firstNew >= 0) {
      setSeenRows(rows[firstNew]?.key);
      // with what was said just before in sight
      virtualizer.scrollToIndex(Math.max(firstNew - 1, 0), { align: 'start' });
    } else if (typeof at === 'number' && indexOf(at) >= 0) show(at);
    else virtualizer.scrollToEnd();
  });
  useLayoutEffect(() => showPlace(), [virtualizer, state.generation, target]);
  const showNew = useEffectEvent(() => {
    if (place.current === 'new') showPlace();
  });
  useLayoutEffect(() => showNew(), [opened]);

  // my own message brings me down, wherever I was reading
  const ownLast = outgoing.at(-1)?.id;
  useLayoutEffect(() => {
    if (ownLast !== undefined) virtualizer.scrollToEnd();
  }, [virtualizer, ownLast]);

  const lastKey = rows.at(-1)?.key;
  useEffect(() => {
    // before the first scrolling has been heard of, the list itself knows better
    if (atEnd && inPresent && isAtEnd(scroller.current)) setSeenRows(lastKey);
  }, [atEnd, inPresent, lastKey]);

  const loadNearEdges = (): void => {
    const { scrollTop = NEAR_EDGE, scrollHeight = 0, clientHeight = 0 } = scroller.current ?? {};
    if (scrollTop < NEAR_EDGE) void client.room(roomId).loadOlder();
    else if (!inPresent && scrollHeight - scrollTop - clientHeight < NEAR_EDGE) void client.room(roomId).loadNewer();
  };

  const onScroll = (): void => {
    const element = scroller.current;
    if (element === null) return;
    const end = isAtEnd(element);
    setAtEnd(end);
    const middle = virtualizer.getVirtualItemForOffset(element.scrollTop + element.clientHeight / 2);
    const row = middle && rows[middle.index];
    if (opened)
      place.current = end && inPresent ? null : row?.kind === 'message' ? (row.message?.seq ?? null) : place.current;
    loadNearEdges();
  };

  // also when a page has come: the reader may wait at the edge, or it may not fill the screen
  const height = virtualizer.getTotalSize();
  const loadMore = useEffectEvent(loadNearEdges);
  useEffect(() => loadMore(), [roomId, timeline.from, timeline.to, loading]);

  /** Moves the focus to the next message up or down. */
  const move = (event: KeyboardEvent<HTMLElement>, by: 1 | -1): void => {
    const at = (event.target as HTMLElement).closest('[data-index]')?.getAttribute('data-index');
    let index = at === null || at === undefined ? rows.length : Number(at);
    do index += by;
    while (rows[index] !== undefined && rows[index]?.kind !== 'message');
    if (rows[index] === undefined) return;
    event.preventDefault();
    const focus = (): boolean => {
      const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"] [data-bubble]`);
      row?.focus();
      return row !== null && row !== undefined;
    };
    if (focus()) return;
    virtualizer.scrollToIndex(index, { align: 'auto' });
    requestAnimationFrame(focus);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const { target: at } = event;
    if (!(at instanceof HTMLElement) || !(at === scroller.current || 'bubble' in at.dataset)) return;
    if (event.key === 'ArrowUp') move(event, -1);
    if (event.key === 'ArrowDown') move(event, 1);
    if (event.key === 'Enter' && at !== scroller.current) {
      const { left, bottom } = at.getBoundingClientRect();
      at.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, clientX: left + 12, clientY: bottom - 8 }));
    }
  };

  const toPresent = (): void => {
    place.current = null;
    if (inPresent) virtualizer.scrollToEnd();
    else client.room(roomId).leaveExcursion();
  };

  const unseen = atEnd && inPresent ? 0 : countAfter(rows, seenRows);
  const floating =
    'inline-flex h-9 items-center gap-1.5 rounded-full border border-line bg-ground px-3 text-meta font-semibold shadow-[0_4px_12px_oklch(0.2_0.02_60/0.12)]';
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
        role="log"
        aria-label={t('messages', { room: roomName })}
        aria-live={loading || !inPresent ? 'off' : 'polite'}
        aria-busy={loading}
        tabIndex={0}
        className="h-full overflow-x-hidden overflow-y-auto overscroll-contain [overflow-anchor:none] focus-visible:outline-offset-[-2px]"
      >
        <div className="flex min-h-full flex-col justify-end pb-3">
          {loading && (
            <p className="absolute inset-x-0 top-1 z-10 text-center text-meta text-quiet">{t('loadingOlder')}</p>
          )}
          <div className="relative w-full shrink-0" style={{ height }}>
            {virtualizer.getVirtualItems().map((item) => {
              const row = rows[item.index];
              return (
                row !== undefined && (
                  <div
                    key={item.key}
                    ref={virtualizer.measureElement}
                    data-index={item.index}
                    className="absolute inset-x-0 top-0"
                    style={{ transform: `translateY(${item.start}px)` }}
                  >
                    {row.kind === 'message' ? (
                      <MessageRow
                        row={row}
                        mine={row.senderId === me.id}
                        author={people.get(row.senderId)?.displayName ?? '…'}
                        editing={editing !== null && row.message?.seq === editing}
                        highlighted={highlighted !== null && row.message?.seq === highlighted}
                      />
                    ) : (
                      <Divider row={row} roomName={roomName} />
                    )}
                  </div>
                )
              );
            })}
          </div>
        </div>
      </div>
      <div className="absolute right-4 bottom-3 flex gap-2">
        {onBack !== undefined && (
          <button type="button" onClick={onBack} className={floating}>
            <CornerUpLeft size={16} />
            {t('jumpBack')}
          </button>
        )}
        {(!atEnd || !inPresent) && (
          <button
            type="button"
            onClick={toPresent}
            aria-label={unseen > 0 ? t('newMessages', { count: unseen }) : t('toBottom')}
            className={floating}
          >
            <ArrowDown size={16} />
            {unseen > 0 && t('newMessages', { count: unseen })}
          </button>
        )}
      </div>
    </div>
  );
}

/** The seq of the target for a moment after it was asked for. */
function useHighlight(target: Target | null): number | null {
  const [done, setDone] = useState<Target | null>(null);
  useEffect(() => {
    if (target === null) return;
    const timer = setTimeout(() => setDone(target), HIGHLIGHT_MS);
    return () => clearTimeout(timer);
  }, [target]);
  return target === null || done === target ? null : target.seq;
}

const NOTHING: RoomState['outgoing'] = [];

/** The rows, those that show the same as before being the same objects. */
function useRows(
  { timeline, excursion, outgoing: all, pending, unread }: RoomState,
  me: Person,
  leftOff: number | null,
): Row[] {
  const outgoing = excursion === null ? all : NOTHING;
  const shown = excursion ?? timeline;
  const [kept, keep] = useState<{ rows: Row[]; of: readonly unknown[] }>({ rows: [], of: [] });
  const of = [shown.entries, shown.quotes, outgoing, pending, unread, leftOff];
  if (of.every((part, i) => part === kept.of[i])) return kept.rows;
  const rows = buildRows({ timeline: shown, outgoing, pending, unread }, me.id, { dayOf, before: kept.rows, leftOff });
  keep({ rows, of });
  return rows;
}

/** How many messages lie below the row with this key. */
function countAfter(rows: readonly Row[], key: string | undefined): number {
  const from = rows.findLastIndex((row) => row.key === key);
  return from < 0 ? 0 : rows.slice(from + 1).filter((row) => row.kind === 'message').length;
}
