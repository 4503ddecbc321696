import { useSyncExternalStore } from 'react';

const SIGNS = ['focus', 'blur', 'pageshow'] as const;

const subscribe = (listener: () => void): (() => void) => {
  for (const sign of SIGNS) window.addEventListener(sign, listener);
  document.addEventListener('visibilitychange', listener);
  return () => {
    for (const sign of SIGNS) window.removeEventListener(sign, listener);
    document.removeEventListener('visibilitychange', listener);
  };
};

/** Somebody looks at this page: it is on the screen and has the focus. */
export const hasAttention = (): boolean => document.visibilityState === 'visible' && document.hasFocus();

export const useAttention = (): boolean => useSyncExternalStore(subscribe, hasAttention, () => false);
