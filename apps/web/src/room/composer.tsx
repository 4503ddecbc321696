import { codePoints, type Message, MESSAGE_MAX_CODE_POINTS, type Person } from '@maru/contract';
import { SendHorizontal, Smile, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Button } from '../ui/button.tsx';
import { sendable } from './composer-text.ts';
import { keepDraft, readDraft } from './draft.ts';
import { EmojiPopover } from './emoji-popover.tsx';
import { Quote } from './quote.tsx';
import { useRoom } from './room-context.ts';
import { useEnterKey } from './use-enter-key.ts';
import { useMentionCompletion } from './use-mention-completion.ts';

interface Props {
  roomName: string;
  replyingTo: number | null;
  /** Whether a message is being edited where it stands. */
  editing: boolean;
  quote: Message | null | undefined;
  onReplyEnd: () => void;
  /** Up in an empty field. */
  onEditLast: () => void;
}

/** Enter sends, Shift+Enter breaks the line, @ offers members, Up in an empty field edits what I said last. */
export function Composer({ roomName, replyingTo, editing, quote, onReplyEnd, onEditLast }: Props) {
  const t = useTranslations('room');
  const { roomId, me } = useRoom();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() => readDraft(me.id, roomId));
  const excess = codePoints(text.trim()) - MESSAGE_MAX_CODE_POINTS;

  const change = (now: string): void => {
    setText(now);
    keepDraft(me.id, roomId, now);
    if (now.trim() === '') client.room(roomId).stoppedTyping();
    else client.room(roomId).typing();
  };
  const completion = useMentionCompletion(roomId, field, change);

  useEffect(() => {
    if (replyingTo !== null) field.current?.focus();
  }, [replyingTo]);
  // whoever ends an edit goes on writing here
  useEffect(() => (editing ? () => field.current?.focus() : undefined), [editing]);

  const send = (): void => {
    const said = sendable(field.current?.value ?? '');
    if (said === null) return;
    client.room(roomId).send(said, replyingTo);
    change('');
    completion.end();
    onReplyEnd();
    field.current?.focus();
  };
  const keys = useEnterKey(send);

  const insert = (emoji: string): void => {
    const { selectionStart = text.length, selectionEnd = text.length } = field.current ?? {};
    change(text.slice(0, selectionStart) + emoji + text.slice(selectionEnd));
    field.current?.focus();
  };

  return (
    <form
      className="relative shrink-0 px-3 pb-[max(0.625rem,env(safe-area-inset-bottom))]"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {completion.people.length > 0 && <Completions {...completion} />}
      {replyingTo !== null && (
        <div className="flex items-center gap-2 rounded-t-xl border border-b-0 border-line bg-panel py-1.5 pr-1 pl-3">
          <div className="min-w-0 flex-1">
            <Quote quote={quote} />
          </div>
          <Button look="icon" className="!size-8" aria-label={t('replyEnd')} onClick={onReplyEnd}>
            <X size={16} />
          </Button>
        </div>
      )}
      <div
        className={`flex items-end gap-0.5 border border-line bg-ground pr-1 focus-within:border-wood ${replyingTo === null ? 'rounded-xl' : 'rounded-b-xl'}`}
      >
        <textarea
          ref={field}
          value={text}
          rows={1}
          autoFocus={matchMedia('(pointer: fine)').matches}
          enterKeyHint="send"
          placeholder={t('placeholder', { room: roomName })}
          aria-label={t('placeholder', { room: roomName })}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          {...(completion.people.length === 0
            ? {}
            : { 'aria-controls': 'mentions', 'aria-activedescendant': `mention-${completion.chosen}` })}
          className="max-h-48 min-h-11 w-full resize-none px-3 py-2.5 [field-sizing:content] outline-none placeholder:text-quiet"
          onChange={(event) => {
            change(event.target.value);
            completion.look();
          }}
          {...keys}
          onKeyDown={(event) => {
            if (completion.onKey(event)) return;
            if (event.key === 'Escape' && replyingTo !== null) onReplyEnd();
            else if (event.key === 'ArrowUp' && text === '') {
              event.preventDefault();
              onEditLast();
            } else keys.onKeyDown(event);
          }}
        />
        <EmojiPopover label={t('insertEmoji')} onPick={insert}>
          <Button look="icon" className="mb-1" aria-label={t('insertEmoji')} title={t('insertEmoji')}>
            <Smile size={18} />
          </Button>
        </EmojiPopover>
        <Button
          type="submit"
          look="icon"
          aria-label={t('send')}
          disabled={sendable(text) === null}
          className={`mb-1 ${sendable(text) === null ? '' : '!bg-wood !text-on-wood'}`}
        >
          <SendHorizontal size={17} />
        </Button>
      </div>
      {excess > 0 && (
        <p role="alert" className="px-1 pt-1 text-meta text-persimmon">
          {t('tooLong', { count: excess })}
        </p>
      )}
    </form>
  );
}

function Completions({
  people,
  chosen,
  pick,
}: {
  people: readonly Person[];
  chosen: number;
  pick: (person: Person) => void;
}) {
  const t = useTranslations('room');
  return (
    <div
      id="mentions"
      role="listbox"
      aria-label={t('mention')}
      className="absolute bottom-full left-3 z-20 mb-1 w-72 max-w-[calc(100%-1.5rem)] rounded-xl border border-line bg-ground p-1.5 shadow-[0_8px_24px_oklch(0.2_0.02_60/0.12)]"
    >
      {people.map((person, i) => (
        <div
          key={person.id}
          id={`mention-${i}`}
          role="option"
          aria-selected={i === chosen}
          onPointerDown={(event) => {
            event.preventDefault();
            pick(person);
          }}
          className={`flex h-10 cursor-default items-center gap-2.5 rounded-md px-2 ${i === chosen ? 'bg-line/60' : ''}`}
        >
          <Avatar id={person.id} name={person.displayName} size={26} />
          <span className="min-w-0 truncate">{person.displayName}</span>
          <span className="ml-auto truncate text-meta text-quiet">@{person.name}</span>
        </div>
      ))}
    </div>
  );
}
