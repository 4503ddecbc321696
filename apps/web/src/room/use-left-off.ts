import type { MyRoom } from '@maru/contract';
import { useState } from 'react';
import { useAttention } from '../session/use-attention.ts';

/**
 * Up to where I had read when I came here, null where nothing was unread, undefined while that is not known. It stays
 * while I read; it goes when I write, and when I look away and more has come meanwhile it is where I looked away.
 */
export function useLeftOff(room: MyRoom | undefined, sent: string | undefined): number | null | undefined {
  const attentive = useAttention();
  const [leftOff, setLeftOff] = useState<number | null>();
  const [before, setBefore] = useState({ attentive, sent });
  if (leftOff === undefined && room !== undefined) setLeftOff(unreadAfter(room));
  if (before.attentive !== attentive || before.sent !== sent) {
    setBefore({ attentive, sent });
    if (sent !== undefined && sent !== before.sent) setLeftOff(null);
    else if (attentive && !before.attentive && room !== undefined) setLeftOff(unreadAfter(room) ?? leftOff ?? null);
  }
  return leftOff;
}

const unreadAfter = ({ unread, read }: MyRoom): number | null => (unread > 0 ? read.seq : null);
