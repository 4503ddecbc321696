import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { RedisClient } from './redis-connection.js';

const FOLDER = new URL('../src/scripts/', import.meta.url);

/** One file of a scripts folder, run by its hash and loaded where the server does not have it (after a restart or flush). */
export class LuaScript<Reply> {
  private readonly source: string;
  private readonly sha: string;

  constructor(
    name: string,
    private readonly reply: z.ZodType<Reply>,
    folder = FOLDER,
  ) {
    this.source = readFileSync(new URL(`${name}.lua`, folder), 'utf8');
    this.sha = createHash('sha1').update(this.source).digest('hex');
  }

  async run(redis: RedisClient, keys: readonly string[], args: readonly (string | number)[]): Promise<Reply> {
    const answer = await redis.evalsha(this.sha, keys.length, ...keys, ...args).catch((error: unknown) => {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(this.source, keys.length, ...keys, ...args);
    });
    return this.reply.parse(answer);
  }
}
