import type { RoomState } from '@maru/client';
import type { UserId } from '@maru/contract';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { useStore } from '../use-store.ts';

/** Who else is typing. The line keeps its place while nobody is, so that nothing jumps. */
export function TypingLine({ typing, me }: { typing: RoomState['typing']; me: UserId }) {
  const t = useTranslations('room');
  const { people } = useStore(client.people.store);
  // whose name is not known yet is shown in a moment
  const others = typing.userIds.filter((id) => id !== me && people.has(id));
  const [first, second] = others.map((id) => people.get(id)?.displayName);
  const several = typing.more || others.length > 2;
  const text = several
    ? t('typingMany')
    : second !== undefined
      ? t('typingTwo', { first: first ?? '', second })
      : t('typingOne', { name: first ?? '' });
  return (
    <p role="status" className="h-5 shrink-0 truncate px-4 text-meta text-quiet">
      {others.length > 0 && (
        <>
          <span aria-hidden className="typing-dots mr-1.5" />
          {text}
        </>
      )}
    </p>
  );
}
