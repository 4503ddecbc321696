import { codePoints, type Message, MESSAGE_MAX_CODE_POINTS } from '@maru/contract';
import { useEffect, useRef, useState } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { Button } from '../ui/button.tsx';
import { sendable } from './composer-text.ts';
import { useEnterKey } from './use-enter-key.ts';
import { useRoom } from './room-context.ts';

/** My message where it stands, as a field. Enter saves, Escape leaves it as it was. */
export function InlineEdit({ message }: { message: Message }) {
  const t = useTranslations('room');
  const rooms = useTranslations('rooms');
  const refusalText = useRefusalText();
  const { roomId, edit } = useRoom();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(message.text ?? '');
  const excess = codePoints(text.trim()) - MESSAGE_MAX_CODE_POINTS;

  useEffect(() => {
    const { current } = field;
    current?.focus();
    current?.setSelectionRange(current.value.length, current.value.length);
  }, []);

  const save = (): void => {
    const said = sendable(field.current?.value ?? '');
    if (said === null) return;
    edit(null);
    if (said === message.text) return;
    client
      .room(roomId)
      .edit(message.seq, said)
      .catch((error: unknown) => toast.error(refusalText(error)));
  };
  const keys = useEnterKey(save);

  return (
    <form
      className="flex w-[min(68ch,70vw)] flex-col gap-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <textarea
        ref={field}
        value={text}
        rows={1}
        aria-label={t('edit')}
        className="max-h-60 w-full resize-none rounded-xl border border-wood bg-ground px-3 py-1.5 [field-sizing:content] outline-none"
        onChange={(event) => setText(event.target.value)}
        {...keys}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && !event.nativeEvent.isComposing) edit(null);
          else keys.onKeyDown(event);
        }}
      />
      <div className="flex items-center justify-end gap-2">
        {excess > 0 && (
          <span role="alert" className="mr-auto text-meta text-persimmon">
            {t('tooLong', { count: excess })}
          </span>
        )}
        <Button className="!h-8" onClick={() => edit(null)}>
          {rooms('cancel')}
        </Button>
        <Button type="submit" look="primary" className="!h-8" disabled={text.trim() === '' || excess > 0}>
          {t('save')}
        </Button>
      </div>
    </form>
  );
}
