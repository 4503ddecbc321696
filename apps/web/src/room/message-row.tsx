import { withPending } from '@maru/client';
import type { MessageId, RoomId } from '@maru/contract';
import { Check, Clock3, Pin, RotateCw, Trash2 } from 'lucide-react';
import { memo } from 'react';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { useTimeText } from '../i18n/use-time-text.ts';
import { ProfileButton } from '../profile/profile-button.tsx';
import { Avatar } from '../ui/avatar.tsx';
import { InlineEdit } from './inline-edit.tsx';
import { MessageMenu } from './message-menu.tsx';
import { MessageText } from './message-text.tsx';
import { Quote } from './quote.tsx';
import { Reactions } from './reactions.tsx';
import { useRoom } from './room-context.ts';
import { UnreadNumber } from './unread-number.tsx';
import type { MessageRow as MessageRowData } from './rows.ts';

interface Props {
  row: MessageRowData;
  mine: boolean;
  author: string;
  editing: boolean;
  highlighted: boolean;
}

/** One message. Rendered again only when what it shows has changed. */
export const MessageRow = memo(function MessageRow({ row, mine, author, editing, highlighted }: Props) {
  const t = useTranslations('room');
  const timeText = useTimeText();
  const { roomId, jump } = useRoom();
  const { first, last, createdAt, outgoing, pending, unread, replyTo, quote } = row;
  const message = row.message && withPending(row.message, pending);
  const text = outgoing?.text ?? message?.text ?? null;
  const corners = mine
    ? `${first ? '' : 'rounded-tr-sm'} ${last ? '' : 'rounded-br-sm'}`
    : `${first ? '' : 'rounded-tl-sm'} ${last ? '' : 'rounded-bl-sm'}`;
  const faded = pending?.deleted === true || pending?.text !== undefined ? 'opacity-60' : '';
  const bubble = (
    <div
      data-bubble
      tabIndex={-1}
      className={`max-w-[68ch] min-w-0 rounded-xl px-3 py-1.5 [overflow-wrap:anywhere] ${corners} ${mine ? 'bg-mine' : 'bg-theirs'} ${outgoing?.state === 'failed' ? 'outline outline-persimmon' : ''} ${highlighted ? 'outline-2 outline-wood' : ''} ${faded}`}
    >
      {replyTo !== null && (
        <div className="mt-0.5 mb-1.5">
          <Quote quote={quote} onJump={quote ? () => jump(replyTo, message?.seq) : undefined} />
        </div>
      )}
      {text === null ? (
        <i className="text-quiet">{t('deleted')}</i>
      ) : (
        <MessageText text={text} mentions={message?.mentions} />
      )}
    </div>
  );
  return (
    <div
      className={`flex gap-2.5 px-4 ${first ? 'pt-2.5' : 'pt-0.5'} ${mine ? 'flex-row-reverse' : ''}`}
      data-message={row.id}
      data-seq={message?.seq}
    >
      {!mine && (
        <div className="w-9 shrink-0">
          {first && (
            <ProfileButton userId={row.senderId} name={author}>
              <Avatar id={row.senderId} name={author} />
            </ProfileButton>
          )}
        </div>
      )}
      <div className={`flex min-w-0 max-w-[85%] flex-col ${mine ? 'items-end' : 'items-start'}`}>
        {first && !mine && <span className="mb-0.5 ml-1 text-meta font-medium text-quiet">{author}</span>}
        {editing && message !== null ? (
          <InlineEdit message={message} />
        ) : (
          <div className={`flex max-w-full items-end gap-1.5 ${mine ? 'flex-row-reverse' : ''}`}>
            {message === null ? (
              bubble
            ) : (
              <MessageMenu message={message} mine={mine}>
                {bubble}
              </MessageMenu>
            )}
            <span className={`flex shrink-0 flex-col text-meta text-quiet ${mine ? 'items-end' : 'items-start'}`}>
              {message !== null && unread > 0 && <UnreadNumber seq={message.seq} unread={unread} />}
              {(last || outgoing !== null || message?.editedAt !== undefined || message?.pinned) && (
                <span className="flex items-center gap-1 pb-0.5">
                  {message?.pinned && <Pin size={12} role="img" aria-label={t('pinned')} />}
                  {message?.editedAt !== undefined && (
                    <span title={`${timeText.day(message.editedAt)} ${timeText.clock(message.editedAt)}`}>
                      {t('edited')}
                    </span>
                  )}
                  {mine && <SendState state={outgoing?.state ?? 'stored'} />}
                  <time dateTime={new Date(createdAt).toISOString()}>{timeText.clock(createdAt)}</time>
                </span>
              )}
            </span>
          </div>
        )}
        {message !== null && <Reactions message={message} mine={mine} />}
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
