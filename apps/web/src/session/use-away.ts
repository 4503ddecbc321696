import { useEffect } from 'react';
import { client } from '../client.ts';

/** Nobody touched this page for so long, or it was hidden for so long: away. */
const IDLE_MS = 5 * 60_000;
const HIDDEN_MS = 60_000;
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

export function useAway(): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => client.presence.setAway(true), document.hidden ? HIDDEN_MS : IDLE_MS);
    };
    const touched = (): void => {
      if (!document.hidden) client.presence.setAway(false);
      wait();
    };
    for (const sign of SIGNS) window.addEventListener(sign, touched, { passive: true });
    document.addEventListener('visibilitychange', touched);
    wait();
    return () => {
      clearTimeout(timer);
      for (const sign of SIGNS) window.removeEventListener(sign, touched);
      document.removeEventListener('visibilitychange', touched);
    };
  }, []);
}
