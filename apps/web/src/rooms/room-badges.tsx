import type { MyRoom } from '@maru/contract';
import { useTranslations } from 'use-intl';
import { useRoomTitle } from './room-title.ts';

const MOST = 99;
export const badgeText = (count: number): string => (count > MOST ? `${MOST}+` : `${count}`);

const BADGE =
  'grid h-5 min-w-5 shrink-0 place-items-center rounded-full px-1.5 text-[11.5px] leading-none font-semibold tabular-nums';

/** What is unread in a room, whether somebody mentions me there, or that I marked it. They name the room. */
export function RoomBadges({ room }: { room: MyRoom }) {
  const t = useTranslations('rooms');
  const title = useRoomTitle(room);
  const { unread, mentions, preferences } = room;
  const loud = 'bg-persimmon text-ground';
  if (unread === 0 && mentions.length === 0) {
    if (!preferences.markedUnread) return null;
    return (
      <span
        role="img"
        aria-label={t('markedIn', { room: title })}
        className="mx-1 size-2.5 shrink-0 rounded-full bg-persimmon"
      />
    );
  }
  return (
    <span className="flex shrink-0 items-center gap-1">
      {mentions.length > 0 && (
        <span
          role="img"
          aria-label={t('mentionsIn', { count: mentions.length, room: title })}
          className={`${BADGE} ${loud}`}
        >
          @
        </span>
      )}
      {unread > 0 && (
        <span
          role="img"
          aria-label={t('unreadIn', { count: unread, room: title })}
          className={`${BADGE} ${preferences.notify === 'none' ? 'bg-line text-ink' : loud}`}
        >
          {badgeText(unread)}
        </span>
      )}
    </span>
  );
}
