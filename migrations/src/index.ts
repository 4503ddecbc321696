import { Spine1763769600000 } from './1763769600000-spine.js';
import { RevokedSessions1763942400000 } from './1763942400000-revoked-sessions.js';
import { RoomsInFull1764028800000 } from './1764028800000-rooms-in-full.js';
import { Reading1764115200000 } from './1764115200000-reading.js';
import { ReplicaBeats1764129600000 } from './1764129600000-replica-beats.js';

/** All migrations, oldest first. Forward only; never edited once merged. */
export const migrations = [
  Spine1763769600000,
  RevokedSessions1763942400000,
  RoomsInFull1764028800000,
  Reading1764115200000,
  ReplicaBeats1764129600000,
];
