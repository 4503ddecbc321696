export type { Redis } from '@maru/redis';
export const REDIS = Symbol('redis');
