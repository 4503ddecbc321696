import type { MyRoom } from '@maru/contract';
import { type RefObject, useLayoutEffect, useRef } from 'react';

const MOVE_MS = 140;

/** Rows that change their place in the list glide there, unless the reader wants no motion. */
export function useSmoothOrder(list: RefObject<HTMLElement | null>, rooms: readonly MyRoom[]): void {
  const places = useRef(new Map<string, number>());
  const known = useRef('');
  const order = rooms.map(({ id }) => id).join(' ');
  useLayoutEffect(() => {
    if (order === known.current) return;
    known.current = order;
    const rows = [...(list.current?.querySelectorAll<HTMLElement>(':scope > [data-room]') ?? [])];
    const now = new Map(rows.map((row) => [row.dataset['room'] ?? '', row.offsetTop]));
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    for (const row of calm ? [] : rows) {
      const id = row.dataset['room'] ?? '';
      const by = (places.current.get(id) ?? Number.NaN) - (now.get(id) ?? 0);
      if (Number.isNaN(by) || by === 0) continue;
      // what rises passes in front of what sinks
      const look = { backgroundColor: 'var(--panel)', zIndex: by > 0 ? 1 : 0 };
      row.animate(
        [
          { ...look, transform: `translateY(${by}px)` },
          { ...look, transform: 'none' },
        ],
        { duration: MOVE_MS, easing: 'ease-out' },
      );
    }
    places.current = now;
  });
}
