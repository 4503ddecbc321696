import type { MessageId, RoomId } from '@maru/contract';
import { Check, Clock3, RotateCw, Trash2 } from 'lucide-react';
import { memo } from 'react';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { useTimeText } from '../i18n/use-time-text.ts';
import { Avatar } from '../ui/avatar.tsx';
import type { Row } from './rows.ts';

interface Props {
  roomId: RoomId;
  row: Row & { kind: 'message' };
  mine: boolean;
  author: string;
}

/** One message. Rendered again only when what it shows has changed. */
export const MessageRow = memo(function MessageRow({ roomId, row, mine, author }: Props) {
  const t = useTranslations('rooms');
  const timeText = useTimeText();
  const { first, last, text, createdAt, outgoing } = row;
  const corners = mine
    ? `${first ? '' : 'rounded-tr-sm'} ${last ? '' : 'rounded-br-sm'}`
    : `${first ? '' : 'rounded-tl-sm'} ${last ? '' : 'rounded-bl-sm'}`;
  return (
    <div
      className={`flex gap-2.5 px-4 ${first ? 'pt-2.5' : 'pt-0.5'} ${mine ? 'flex-row-reverse' : ''}`}
      data-message={row.id}
    >
      {!mine && <div className="w-9 shrink-0">{first && <Avatar id={row.senderId} name={author} />}</div>}
      <div className={`flex min-w-0 max-w-[85%] flex-col ${mine ? 'items-end' : 'items-start'}`}>
        {first && !mine && <span className="mb-0.5 ml-1 text-meta font-medium text-quiet">{author}</span>}
        <div className={`flex max-w-full items-end gap-1.5 ${mine ? 'flex-row-reverse' : ''}`}>
          <div
            className={`max-w-[68ch] min-w-0 rounded-xl px-3 py-1.5 whitespace-pre-wrap [overflow-wrap:anywhere] ${corners} ${mine ? 'bg-mine' : 'bg-theirs'} ${outgoing?.state === 'failed' ? 'outline outline-persimmon' : ''}`}
          >
            {text ?? <i className="text-quiet">{t('deleted')}</i>}
          </div>
          {(last || outgoing !== null) && (
            <span className="flex shrink-0 items-center gap-1 pb-0.5 text-meta text-quiet">
              {mine && <SendState state={outgoing?.state ?? 'stored'} />}
              <time dateTime={new Date(createdAt).toISOString()}>{timeText.clock(createdAt)}</time>
            </span>
          )}
        </div>
        {outgoing?.state === 'failed' && <Failed roomId={roomId} id={outgoing.id} error={outgoing.error} />}
      </div>
    </div>
  );
});

function SendState({ state }: { state: 'sending' | 'stored' | 'failed' }) {
  const t = useTranslations('room');
  if (state === 'failed') return null;
  const Icon = state === 'sending' ? Clock3 : Check;
  return <Icon size={13} role="img" aria-label={t(state)} className={state === 'stored' ? 'text-pine' : ''} />;
}

function Failed({ roomId, id, error }: { roomId: RoomId; id: MessageId; error: unknown }) {
  const t = useTranslations('room');
  const refusalText = useRefusalText();
  const action =
    'inline-flex h-7 items-center gap-1 rounded-md px-1.5 font-medium text-ink underline-offset-2 hover:underline';
  return (
    <div role="alert" className="mt-1 flex flex-wrap items-center justify-end gap-1.5 text-meta text-persimmon">
      {t('failed')}: {refusalText(error)}
      <button type="button" className={action} onClick={() => client.room(roomId).retry(id)}>
        <RotateCw size={13} /> {t('retry')}
      </button>
      <button type="button" className={action} onClick={() => client.room(roomId).discard(id)}>
        <Trash2 size={13} /> {t('discard')}
      </button>
    </div>
  );
}
