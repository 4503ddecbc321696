import type { Message } from '@maru/contract';
import { Tabs } from 'radix-ui';
import { useTranslations } from 'use-intl';
import { Panel } from '../ui/panel.tsx';
import { oneLine } from './message-preview.ts';
import { ReadersList } from './readers-list.tsx';

interface Props {
  seq: number;
  /** How many have not read it, as far as it is known here. */
  unread: number;
  message: Message | null | undefined;
  onClose: () => void;
}

const TAB =
  'h-9 flex-1 rounded-lg font-medium text-quiet hover:text-ink data-[state=active]:bg-ground data-[state=active]:text-ink';

/** Who has read a message and who has not, kept up to date while it is open. */
export function ReadersPanel({ seq, unread, message, onClose }: Props) {
  const t = useTranslations('room');
  const said = message?.text ?? null;
  return (
    <Panel title={t('readers')} onClose={onClose}>
      {said !== null && (
        <p className="mx-2 mt-1 mb-3 line-clamp-2 border-l-2 border-wood pl-2.5 text-meta text-quiet">
          {oneLine(said)}
        </p>
      )}
      <Tabs.Root defaultValue={unread > 0 ? 'unread' : 'read'}>
        <Tabs.List className="mb-2 flex gap-1 rounded-xl bg-line/60 p-1" aria-label={t('readers')}>
          <Tabs.Trigger value="unread" className={TAB}>
            {t('notYet')} {unread > 0 && <span className="text-persimmon tabular-nums">{unread}</span>}
          </Tabs.Trigger>
          <Tabs.Trigger value="read" className={TAB}>
            {t('haveRead')}
          </Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content value="unread">
          <ReadersList seq={seq} read={false} version={unread} />
        </Tabs.Content>
        <Tabs.Content value="read">
          <ReadersList seq={seq} read version={unread} />
        </Tabs.Content>
      </Tabs.Root>
    </Panel>
  );
}
