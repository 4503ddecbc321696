import { useSyncExternalStore } from 'react';

/** Whether I want to be told of new messages by the browser; `unasked` until I have said so, once for this browser. */
export type NoticeChoice = 'on' | 'off' | 'unasked';

const KEY = 'maru.notices';
const listeners = new Set<() => void>();
/** For as long as the page lasts, where the browser keeps nothing. */
let kept: string | null = null;

/** Pages that came over plain http have no notifications. */
export const noticesPossible = (): boolean => typeof Notification === 'function' && window.isSecureContext;

export function noticeChoice(): NoticeChoice {
  let chosen = kept;
  try {
    chosen = localStorage.getItem(KEY) ?? kept;
  } catch {
    // private windows may refuse
  }
  if (!noticesPossible()) return 'off';
  if (chosen === 'on') return Notification.permission === 'granted' ? 'on' : 'off';
  return chosen === 'off' ? 'off' : 'unasked';
}

function choose(choice: 'on' | 'off'): void {
  kept = choice;
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // see above
  }
  listeners.forEach((listener) => listener());
}

export const noNotices = (): void => choose('off');

/** Asks the browser, which asks the reader: call it from a click. Returns whether it lets the page tell. */
export async function wantNotices(): Promise<boolean> {
  const granted = (await Notification.requestPermission()) === 'granted';
  choose(granted ? 'on' : 'off');
  return granted;
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
};

export const useNoticeChoice = (): NoticeChoice => useSyncExternalStore(subscribe, noticeChoice, () => 'off');
