import type { Message } from '@maru/contract';
import { useQuery } from '@tanstack/react-query';
import { SmilePlus } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { EmojiPopover } from './emoji-popover.tsx';
import { useRoom } from './room-context.ts';

/** Puts an emoji under a message, or takes mine away; shown at once, taken back with a word where it is refused. */
export function useReact(): (seq: number, emoji: string, on: boolean) => void {
  const { roomId } = useRoom();
  const refusalText = useRefusalText();
  return (seq, emoji, on) => {
    client
      .room(roomId)
      .react(seq, emoji, on)
      .catch((error: unknown) => toast.error(refusalText(error)));
  };
}

/** Who reacted how: each emoji with its number, mine marked. */
export function Reactions({ message, mine }: { message: Message; mine: boolean }) {
  const t = useTranslations('room');
  const { mayWrite } = useRoom();
  const react = useReact();
  const { reactions = [], seq } = message;
  if (reactions.length === 0) return null;
  return (
    <div className={`mt-1 flex flex-wrap gap-1 ${mine ? 'justify-end' : ''}`}>
      {reactions.map((reaction) => (
        <Chip
          key={reaction.emoji}
          seq={seq}
          {...reaction}
          disabled={!mayWrite}
          onToggle={() => react(seq, reaction.emoji, reaction.mine !== true)}
        />
      ))}
      {mayWrite && (
        <EmojiPopover label={t('addReaction')} onPick={(emoji) => react(seq, emoji, true)}>
          <button
            type="button"
            aria-label={t('addReaction')}
            className="inline-flex h-7 w-8 items-center justify-center rounded-full border border-line text-quiet hover:text-ink"
          >
            <SmilePlus size={14} />
          </button>
        </EmojiPopover>
      )}
    </div>
  );
}

function Chip({
  seq,
  emoji,
  count,
  mine = false,
  disabled,
  onToggle,
}: {
  seq: number;
  emoji: string;
  count: number;
  mine?: boolean | undefined;
  disabled: boolean;
  onToggle: () => void;
}) {
  const t = useTranslations('room');
  const { roomId } = useRoom();
  const [asked, setAsked] = useState(false);
  const people = useQuery({
    queryKey: ['reactors', roomId, seq, emoji, count],
    queryFn: () => client.call('reactors', { params: { roomId, seq: String(seq) }, query: { emoji } }),
    enabled: asked,
  });
  const names = people.data?.items.map(({ displayName }) => displayName).join(', ');
  return (
    <button
      type="button"
      aria-pressed={mine}
      aria-label={t('reaction', { emoji, count })}
      title={names}
      disabled={disabled}
      onPointerEnter={() => setAsked(true)}
      onFocus={() => setAsked(true)}
      onClick={onToggle}
      className={`inline-flex h-7 items-center gap-1 rounded-full border px-2 text-meta ${mine ? 'border-wood bg-wood/12 font-semibold text-wood' : 'border-line text-quiet enabled:hover:text-ink'}`}
    >
      <span className="text-[15px] leading-none">{emoji}</span>
      {count}
    </button>
  );
}
