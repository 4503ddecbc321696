import { type RefObject, useEffect, useEffectEvent, useRef } from 'react';
import { client } from '../client.ts';
import { useAttention } from '../session/use-attention.ts';
import { useRoom } from './room-context.ts';

/**
 * The room is read up to its end when its newest entry is on the screen and somebody looks. That is judged two frames
 * later: until then rows may be measured for the first time and move. `to` 0: the end is not shown.
 */
export function useReading(
  scroller: RefObject<HTMLElement | null>,
  to: number,
  isAtEnd: (list: HTMLElement | null) => boolean,
): void {
  const { roomId } = useRoom();
  const attentive = useAttention();
  const frame = useRef(0);

  const judge = useEffectEvent(() => {
    frame.current = 0;
    const looking = attentive && to > 0 && isAtEnd(scroller.current);
    client.rooms.lookAt(looking ? roomId : undefined);
    if (looking) client.room(roomId).read(to);
  });
  const judgeSoon = useEffectEvent(() => {
    // one that waits already sees what is newest then
    if (attentive && frame.current === 0) {
      frame.current = requestAnimationFrame(() => {
        frame.current = requestAnimationFrame(() => judge());
      });
    }
  });
  useEffect(() => {
    if (attentive && to > 0) judgeSoon();
    else client.rooms.lookAt(undefined);
  }, [attentive, to]);
  useEffect(() => {
    const list = scroller.current;
    const onScroll = (): void => judgeSoon();
    list?.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      list?.removeEventListener('scroll', onScroll);
      cancelAnimationFrame(frame.current);
      frame.current = 0;
      client.rooms.lookAt(undefined);
    };
  }, [scroller]);
}
