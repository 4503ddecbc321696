import type { RedisClient } from './redis-connection.js';

/**
 * What may go into one call: everything where one server has all keys, else what has the hash tag in common
 * (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags).
 */
export function inSlots<T>(redis: RedisClient, items: readonly T[], keyOf: (item: T) => string): (readonly T[])[] {
  if (!redis.isCluster || items.length === 0) return [items];
  return [...Map.groupBy(items, (item) => hashTag(keyOf(item))).values()];
}

/** Calls once for what may go into one call, at the same time. Answers in the order of the items. */
export async function callSlots<T, A>(
  redis: RedisClient,
  items: readonly T[],
  keyOf: (item: T) => string,
  call: (together: readonly T[]) => Promise<readonly A[]>,
): Promise<A[]> {
  const answers = new Map<T, A>();
  await Promise.all(
    inSlots(redis, items, keyOf).map(async (together) => {
      const found = await call(together);
      together.forEach((item, i) => answers.set(item, found[i] as A));
    }),
  );
  return items.map((item) => answers.get(item) as A);
}

const hashTag = (key: string): string => /\{(.+?)\}/.exec(key)?.[1] ?? key;
