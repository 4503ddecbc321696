import type { RedisClient } from '@maru/redis';

/**
 * Which run of the Redis server this connection talks to (INFO, run_id), or which runs of a cluster's masters. A server
 * that starts again may bring back a snapshot that is older than what the database has been told since, and so may a
 * replica that takes a master's place.
 */
export class ServerRun {
  private asked: Promise<string> | undefined;

  constructor(private readonly redis: RedisClient) {
    // a replica that became a master is told of by nothing but the refresh of the slots
    for (const event of ['close', '-node', 'refresh']) redis.on(event, () => (this.asked = undefined));
  }

  id(): Promise<string> {
    this.asked ??= this.ask().catch((error: unknown) => {
      this.asked = undefined;
      throw error;
    });
    return this.asked;
  }

  private async ask(): Promise<string> {
    const servers = 'nodes' in this.redis ? this.redis.nodes('master') : [this.redis];
    const runs = await Promise.all(servers.map(async (server) => runOf(await server.info('server'))));
    return runs.toSorted().join();
  }
}

const runOf = (info: string): string => /run_id:(\w+)/.exec(info)?.[1] ?? '';
