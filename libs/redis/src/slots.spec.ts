import { describe, expect, it } from 'vitest';
import type { RedisClient } from './redis-connection.js';
import { callSlots, inSlots } from './slots.js';

const server = { isCluster: false } as RedisClient;
const cluster = { isCluster: true } as RedisClient;
const keys = ['{u:1}:a', '{u:2}:a', '{u:1}:b', '{u:2}:b', '{r:1}'];
const itself = (key: string): string => key;

describe('calls for many keys', () => {
  it('[N7] are one where one server has all of them, else one for each hash tag', () => {
    expect(inSlots(server, keys, itself)).toEqual([keys]);
    expect(inSlots(cluster, keys, itself)).toEqual([['{u:1}:a', '{u:1}:b'], ['{u:2}:a', '{u:2}:b'], ['{r:1}']]);
    expect(inSlots(cluster, [], itself)).toEqual([[]]);
  });

  it.each([server, cluster])('[N7] are answered in the order of the keys %#', async (redis) => {
    const answers = await callSlots(redis, keys, itself, async (some) => some.map((key) => `of ${key}`));
    expect(answers).toEqual(keys.map((key) => `of ${key}`));
  });

  it('[N7] fail where one of them fails', async () => {
    const call = async (some: readonly string[]): Promise<string[]> => {
      if (some.includes('{r:1}')) throw new Error('away');
      return [...some];
    };
    await expect(callSlots(cluster, keys, itself, call)).rejects.toThrow('away');
  });
});
