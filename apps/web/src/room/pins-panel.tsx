import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { client } from '../client.ts';
import { useRefusalText } from '../i18n/use-refusal-text.ts';
import { useTimeText } from '../i18n/use-time-text.ts';
import { useDisplayName } from '../rooms/room-title.ts';
import { Button } from '../ui/button.tsx';
import { Panel } from '../ui/panel.tsx';
import { StateNote } from '../ui/state-note.tsx';
import type { Message } from '@maru/contract';
import { oneLine } from './message-preview.ts';
import { useRoom } from './room-context.ts';

/** Pinned messages, newest pin first; a click shows one where it was said. */
export function PinsPanel({ version, onClose }: { version: string; onClose: () => void }) {
  const t = useTranslations('room');
  const errors = useTranslations('errors');
  const refusalText = useRefusalText();
  const { roomId } = useRoom();
  const pins = useQuery({
    queryKey: ['pins', roomId, version],
    queryFn: async () => {
      const { items, people } = await client.call('pins', { params: { roomId } });
      client.people.learn(people);
      return items;
    },
    placeholderData: (before) => before,
  });
  return (
    <Panel title={t('pins')} onClose={onClose}>
      {pins.isPending && Array.from({ length: 3 }, (_, i) => <div key={i} className="skeleton mb-2 h-14" />)}
      {pins.isError && (
        <StateNote title={refusalText(pins.error)}>
          <Button onClick={() => void pins.refetch()}>{errors('again')}</Button>
        </StateNote>
      )}
      {pins.data?.length === 0 && <StateNote title={t('noPins')} hint={t('noPinsHint')} />}
      <ul>
        {pins.data?.map((message) => (
          <Pinned key={message.seq} message={message} />
        ))}
      </ul>
    </Panel>
  );
}

function Pinned({ message: { seq, senderId, text, createdAt } }: { message: Message }) {
  const author = useDisplayName(senderId);
  const { brief } = useTimeText();
  const { jump } = useRoom();
  return (
    <li>
      <button
        type="button"
        onClick={() => jump(seq)}
        className="block w-full rounded-xl px-3 py-2 text-left hover:bg-line/40"
      >
        <span className="flex items-baseline gap-2">
          <span className="min-w-0 flex-1 truncate font-semibold">{author ?? '…'}</span>
          <time className="text-meta text-quiet">{brief(createdAt)}</time>
        </span>
        <span className="line-clamp-3 [overflow-wrap:anywhere]">{oneLine(text ?? '')}</span>
      </button>
    </li>
  );
}
