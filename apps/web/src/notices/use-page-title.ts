import { useEffect } from 'react';
import { useTranslations } from 'use-intl';
import { badgeText } from '../rooms/room-badges.tsx';

/** The sign of the page in the browser's tab, with a dot where something is unread. */
const DOTTED_ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#7a4a21"/>' +
    '<path d="M7 12 16 6l9 6v2H7zM9 16h3v9H9zm5.500 0h3v9h-3zM20 16h3v9h-3z" fill="#f6e7c8"/>' +
    '<circle cx="25" cy="7" r="7" fill="#e2571f" stroke="#fff" stroke-width="2"/></svg>',
)}`;

/** Where I am and how much is unread, for the browser's tab. */
export function usePageTitle(room: string, unread: number): void {
  const app = useTranslations('app');
  useEffect(() => {
    const count = unread === 0 ? '' : `(${badgeText(unread)}) `;
    document.title = `${count}${room === '' ? app('name') : `${room} · ${app('name')}`}`;
  }, [room, unread, app]);

  const dotted = unread > 0;
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>('link[rel~="icon"]');
    if (!dotted || icon === null) return;
    const plain = icon.getAttribute('href') ?? '';
    icon.setAttribute('href', DOTTED_ICON);
    return () => icon.setAttribute('href', plain);
  }, [dotted]);
}
