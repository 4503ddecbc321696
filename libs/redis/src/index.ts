export type { Redis } from 'ioredis';
export { keys } from './keys.js';
export { NodeLeases } from './node-leases.js';
export { type PresenceLease, PresenceLeases, type PresenceRead } from './presence-leases.js';
export { RateLimiter } from './rate-limiter.js';
export { connectRedis } from './redis-connection.js';
export { noTurns, RoomLock, type RoomTurns } from './room-lock.js';
export { SlowMode } from './slow-mode.js';
export { type Rate, TokenBuckets } from './token-buckets.js';
