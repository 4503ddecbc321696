import type { RoomState } from '@maru/client';
import type { Person, RoomId } from '@maru/contract';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { useSystemText } from '../i18n/use-system-text.ts';
import { dayOf, useTimeText } from '../i18n/use-time-text.ts';
import { useStore } from '../use-store.ts';
import { MessageRow } from './message-row.tsx';
import { buildRows, type Row } from './rows.ts';

interface Props {
  roomId: RoomId;
  roomName: string;
  me: Person;
  state: RoomState;
}

/** Earlier messages are asked for when the reader is this near to the first one, pixels. */
const NEAR_TOP = 600;
/** Nearer to the end than this counts as being there, pixels. */
const NEAR_END = 60;

/**
 * The conversation, windowed. It follows the end only while the reader is there; earlier pages are put before without
 * moving what is on the screen.
 */
export function MessageList({ roomId, roomName, me, state }: Props) {
  const t = useTranslations('room');
  const { timeline, outgoing, loading } = state;
  const { people } = useStore(client.people.store);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRows(state, me);
  const [atEnd, setAtEnd] = useState(true);
  const [seenRows, setSeenRows] = useState<string>();

  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]?.kind === 'message' ? 44 : 40),
    getItemKey: (index) => rows[index]?.key ?? index,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: NEAR_END,
    overscan: 8,
  });

  useLayoutEffect(() => virtualizer.scrollToEnd(), [virtualizer, state.generation]);

  // my own message brings me down, wherever I was reading
  const ownLast = outgoing.at(-1)?.id;
  useLayoutEffect(() => {
    if (ownLast !== undefined) virtualizer.scrollToEnd();
  }, [virtualizer, ownLast]);

  const lastKey = rows.at(-1)?.key;
  useEffect(() => {
    if (atEnd) setSeenRows(lastKey);
  }, [atEnd, lastKey]);

  const loadOlderNearTop = (): void => {
    if ((scroller.current?.scrollTop ?? NEAR_TOP) < NEAR_TOP) void client.room(roomId).loadOlder();
  };

  const onScroll = (): void => {
    const element = scroller.current;
    if (element === null) return;
    setAtEnd(element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END);
    loadOlderNearTop();
  };

  // also when a page has come: the reader may wait at the top, or it may not fill the screen
  const height = virtualizer.getTotalSize();
  useEffect(loadOlderNearTop, [roomId, timeline.from, loading]);

  const unseen = atEnd ? 0 : countAfter(rows, seenRows);
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        onScroll={onScroll}
        role="log"
        aria-label={t('messages', { room: roomName })}
        aria-live={loading ? 'off' : 'polite'}
        aria-busy={loading}
        tabIndex={0}
        className="h-full overflow-y-auto overscroll-contain [overflow-anchor:none] focus-visible:outline-offset-[-2px]"
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
                        roomId={roomId}
                        row={row}
                        mine={row.senderId === me.id}
                        author={people.get(row.senderId)?.displayName ?? '…'}
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
      {!atEnd && (
        <button
          type="button"
          onClick={() => virtualizer.scrollToEnd()}
          aria-label={unseen > 0 ? t('newMessages', { count: unseen }) : t('toBottom')}
          className="absolute right-4 bottom-3 inline-flex h-9 items-center gap-1.5 rounded-full border border-line bg-ground px-3 text-meta font-semibold shadow-[0_4px_12px_oklch(0.2_0.02_60/0.12)]"
        >
          <ArrowDown size={16} />
          {unseen > 0 && t('newMessages', { count: unseen })}
        </button>
      )}
    </div>
  );
}

/** The rows, those that show the same as before being the same objects. */
function useRows({ timeline, outgoing }: RoomState, me: Person): Row[] {
  const [kept, keep] = useState<{ rows: Row[]; entries: unknown; outgoing: unknown }>({
    rows: [],
    entries: null,
    outgoing: null,
  });
  if (kept.entries === timeline.entries && kept.outgoing === outgoing) return kept.rows;
  const complete = timeline.from <= 1 && timeline.to > 0;
  const rows = buildRows(timeline.entries, outgoing, me.id, { complete, dayOf, before: kept.rows });
  keep({ rows, entries: timeline.entries, outgoing });
  return rows;
}

/** How many messages lie below the row with this key. */
function countAfter(rows: readonly Row[], key: string | undefined): number {
  const from = rows.findLastIndex((row) => row.key === key);
  return from < 0 ? 0 : rows.slice(from + 1).filter((row) => row.kind === 'message').length;
}

function Divider({ row, roomName }: { row: Exclude<Row, { kind: 'message' }>; roomName: string }) {
  const t = useTranslations('room');
  const systemText = useSystemText();
  const timeText = useTimeText();
  if (row.kind === 'day') {
    return (
      <div className="flex items-center gap-3 px-4 pt-4 pb-1 text-meta font-medium text-quiet">
        <span className="h-px flex-1 bg-line" />
        <h2>{timeText.day(row.day)}</h2>
        <span className="h-px flex-1 bg-line" />
      </div>
    );
  }
  return (
    <p className="px-4 pt-2 text-center text-meta text-quiet">
      {row.kind === 'beginning' ? t('beginning', { room: roomName }) : systemText(row.entry)}
    </p>
  );
}
