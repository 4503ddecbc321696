import { codePoints, MESSAGE_MAX_CODE_POINTS, type Person, type RoomId } from '@maru/contract';
import { SendHorizontal } from 'lucide-react';
import { type CompositionEvent, type KeyboardEvent, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { Button } from '../ui/button.tsx';
import { keepDraft, readDraft } from './draft.ts';
import { EnterKey } from './enter-key.ts';

interface Props {
  roomId: RoomId;
  roomName: string;
  me: Person;
}

/** Enter sends, Shift+Enter breaks the line. */
export function Composer({ roomId, roomName, me }: Props) {
  const t = useTranslations('room');
  const field = useRef<HTMLTextAreaElement>(null);
  const enterKey = useRef<EnterKey>(null);
  enterKey.current ??= new EnterKey();
  const [text, setText] = useState(() => readDraft(me.id, roomId));
  const excess = codePoints(text.trim()) - MESSAGE_MAX_CODE_POINTS;
  const sendable = text.trim() !== '' && excess <= 0;

  const change = (now: string): void => {
    setText(now);
    keepDraft(me.id, roomId, now);
    if (now.trim() === '') client.room(roomId).stoppedTyping();
    else client.room(roomId).typing();
  };

  const send = (): void => {
    const said = (field.current?.value ?? '').trim();
    if (said === '' || codePoints(said) > MESSAGE_MAX_CODE_POINTS) return;
    client.room(roomId).send(said.toWellFormed().replace(FORBIDDEN_CONTROLS, ''));
    change('');
    field.current?.focus();
  };

  const decide = (event: KeyboardEvent | CompositionEvent, decision: ReturnType<EnterKey['on']>): void => {
    if (decision === 'send' || decision === 'swallow') event.preventDefault();
    if (decision === 'send') send();
    if (decision === 'send-next') setTimeout(send, 0);
  };

  return (
    <form
      className="shrink-0 px-3 pb-[max(0.625rem,env(safe-area-inset-bottom))]"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="flex items-end gap-1.5 rounded-xl border border-line bg-ground pr-1 focus-within:border-wood">
        <textarea
          ref={field}
          value={text}
          rows={1}
          autoFocus={matchMedia('(pointer: fine)').matches}
          enterKeyHint="send"
          placeholder={t('placeholder', { room: roomName })}
          aria-label={t('placeholder', { room: roomName })}
          className="max-h-48 min-h-11 w-full resize-none px-3 py-2.5 [field-sizing:content] outline-none placeholder:text-quiet"
          onChange={(event) => change(event.target.value)}
          onKeyDown={(event) =>
            decide(
              event,
              enterKey.current!.on({
                type: 'keydown',
                key: event.key,
                shift: event.shiftKey,
                composing: event.nativeEvent.isComposing,
                keyCode: event.keyCode,
              }),
            )
          }
          onCompositionStart={() => enterKey.current!.on({ type: 'compositionstart' })}
          onCompositionUpdate={({ data }) => enterKey.current!.on({ type: 'compositionupdate', data })}
          onCompositionEnd={(event) =>
            decide(event, enterKey.current!.on({ type: 'compositionend', data: event.data }))
          }
        />
        <Button
          type="submit"
          look="icon"
          aria-label={t('send')}
          disabled={!sendable}
          className={`mb-1 ${sendable ? '!bg-wood !text-on-wood' : ''}`}
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

/** Pasted text may bring them; no reader would see them. */
const FORBIDDEN_CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F]/g;
