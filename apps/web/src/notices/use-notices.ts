import type { MyRoom, Person, RoomId } from '@maru/contract';
import { useEffect, useEffectEvent } from 'react';
import { useTranslations } from 'use-intl';
import { goToRoom } from '../address.ts';
import { client } from '../client.ts';
import { oneLine } from '../room/message-preview.ts';
import { roomTitle } from '../rooms/room-title.ts';
import { hasAttention } from '../session/use-attention.ts';
import { noticeChoice } from './notice-choice.ts';
import { type News, whatIsNew } from './what-is-new.ts';

/** Held by a page for as long as somebody looks at it. */
const LOOKED_AT = 'maru.looked-at';

/** Tells of new messages by the browser while nobody looks at any page of Maru in it; one notice for each room. */
export function useNotices(me: Person): void {
  const t = useTranslations('notices');
  useHoldWhileLookedAt();

  const tell = useEffectEvent(({ room, message, mentioned }: News, shown: Map<RoomId, Notification>): void => {
    const author = message && client.people.store.get().people.get(message.senderId)?.displayName;
    const text = message?.text ? oneLine(message.text) : t('mentioned');
    const body = author && room.kind !== 'direct' ? t('said', { name: author, text }) : text;
    const title = mentioned && message !== null ? t('mentionedIn', { room: roomTitle(room) }) : roomTitle(room);
    try {
      const notice = new Notification(title, { body, tag: room.id, icon: '/icon.svg' });
      notice.addEventListener('click', () => {
        window.focus();
        goToRoom(room.id);
        notice.close();
      });
      shown.set(room.id, notice);
    } catch {
      // phones allow notices of service workers alone
    }
  });

  useEffect(() => {
    const shown = new Map<RoomId, Notification>();
    let before: readonly MyRoom[] = client.rooms.store.get().rooms;
    const look = async (): Promise<void> => {
      const { rooms } = client.rooms.store.get();
      const news = whatIsNew(before, rooms, me.id);
      before = rooms;
      for (const { id, unread } of rooms) {
        if (unread > 0) continue;
        shown.get(id)?.close();
        shown.delete(id);
      }
      if (news.length === 0 || noticeChoice() !== 'on' || hasAttention() || (await isLookedAtElsewhere())) return;
      for (const one of news) tell(one, shown);
    };
    return client.rooms.store.subscribe(() => void look());
  }, [me.id]);
}

async function isLookedAtElsewhere(): Promise<boolean> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.some(({ name }) => name === LOOKED_AT);
}

function useHoldWhileLookedAt(): void {
  useEffect(() => {
    if (navigator.locks === undefined) return;
    let release: (() => void) | undefined;
    const follow = (): void => {
      if (!hasAttention()) {
        release?.();
        release = undefined;
      } else if (release === undefined) {
        const held = new Promise<void>((resolve) => (release = resolve));
        void navigator.locks.request(LOOKED_AT, { mode: 'shared' }, () => held);
      }
    };
    const SIGNS = ['focus', 'blur', 'pagehide'] as const;
    for (const sign of SIGNS) window.addEventListener(sign, follow);
    document.addEventListener('visibilitychange', follow);
    follow();
    return () => {
      for (const sign of SIGNS) window.removeEventListener(sign, follow);
      document.removeEventListener('visibilitychange', follow);
      release?.();
    };
  }, []);
}
