import { IndexedDbOutbox, MaruClient } from '@maru/client';

/** The one client of this page. Pages on another host name the server when they are built. */
export const client = new MaruClient({
  url: process.env['NEXT_PUBLIC_MARU_URL'] ?? (typeof location === 'undefined' ? 'http://localhost' : location.origin),
  refreshTokenIn: 'cookie',
  ...(typeof indexedDB === 'undefined' ? {} : { outboxStore: new IndexedDbOutbox() }),
});
