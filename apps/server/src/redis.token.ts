export type { RedisClient } from '@maru/redis';
export const REDIS = Symbol('redis');
/** RoomTurns: changes of one room wait for each other, unless that is switched off. */
export const ROOM_TURNS = Symbol('room turns');
