import type { Redis } from '@maru/redis';

/**
 * Which run of the Redis server this connection talks to (INFO, run_id). A server that starts again may bring back a
 * snapshot that is older than what the database has been told since.
 */
export class ServerRun {
  private asked: Promise<string> | undefined;

  constructor(private readonly redis: Redis) {
    redis.on('close', () => (this.asked = undefined));
  }

  id(): Promise<string> {
    this.asked ??= this.redis.info('server').then(
      (info) => /run_id:(\w+)/.exec(info)?.[1] ?? '',
      (error: unknown) => {
        this.asked = undefined;
        throw error;
      },
    );
    return this.asked;
  }
}
