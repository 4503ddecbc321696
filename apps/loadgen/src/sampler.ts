import { createConnection, type Connection } from 'mysql2/promise';
import { Redis } from 'ioredis';
import { cpuSeconds, machineSeconds, rssMiB } from './machine.ts';
import { mapped } from './load.ts';
import type { Target } from './target.ts';

/** Of one second. */
export interface Sample {
  /** Percent of a core by process, and of all others on the machine. */
  cpu: Record<string, number>;
  /** MiB by process. */
  rss: Record<string, number>;
  /** Per second. */
  database: { queries: number; commits: number; rowsWritten: number };
  redis: { commands: number };
}

interface Totals {
  at: number;
  cpu: Record<string, number>;
  machine: { used: number; waited: number };
  database: Record<string, number>;
  redis: number;
}

const STATUS = ['Questions', 'Com_commit', 'Innodb_rows_inserted', 'Innodb_rows_updated', 'Innodb_os_log_fsyncs'];

/** Watches processes and engines once a second, by what the kernel and the engines count themselves. */
export class Sampler {
  readonly samples: Sample[] = [];
  private readonly target: Target;
  private readonly database: Connection;
  /** Those that the address lists, of a cluster. */
  private readonly redis: readonly Redis[];
  private timer: NodeJS.Timeout | undefined;
  private first: Totals | undefined;
  private last: Totals | undefined;

  private constructor(target: Target, database: Connection) {
    this.target = target;
    this.database = database;
    this.redis = target.redisUrl.split(',').map((url) => new Redis(url));
  }

  static async connect(target: Target): Promise<Sampler> {
    return new Sampler(target, await createConnection(target.databaseUrl));
  }

  async start(): Promise<void> {
    this.first = this.last = await this.totals();
    this.timer = setInterval(() => void this.sample(), 1_000);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.sample();
  }

  async close(): Promise<void> {
    for (const server of this.redis) server.disconnect();
    await this.database.end();
  }

  /** Over the whole time between start and stop. */
  average(): {
    seconds: number;
    cpu: Record<string, number>;
    cpuSeconds: Record<string, number>;
    engines: Sample['database'] & Sample['redis'] & { logSyncs: number; diskWaitPercent: number };
  } {
    const [first, last] = [this.first, this.last];
    if (first === undefined || last === undefined) throw new Error('not started');
    const seconds = (last.at - first.at) / 1_000;
    const { cpu, database, redis } = between(first, last);
    return {
      seconds,
      cpu,
      cpuSeconds: mapped(last.cpu, (value, name) => value - (first.cpu[name] ?? 0)),
      engines: {
        ...database,
        ...redis,
        logSyncs:
          ((last.database['Innodb_os_log_fsyncs'] ?? 0) - (first.database['Innodb_os_log_fsyncs'] ?? 0)) / seconds,
        diskWaitPercent: ((last.machine.waited - first.machine.waited) / seconds) * 100,
      },
    };
  }

  private async sample(): Promise<void> {
    const { last } = this;
    const now = await this.totals();
    if (last === undefined) return;
    this.last = now;
    const { processes } = this.target;
    const rss = Object.fromEntries(processes.map(({ name, pid }) => [name, rssMiB(pid)]));
    this.samples.push({ ...between(last, now), rss });
  }

  private async totals(): Promise<Totals> {
    const [[rows], infos] = await Promise.all([
      this.database.query(`SHOW GLOBAL STATUS WHERE Variable_name IN (?)`, [STATUS]),
      Promise.all(this.redis.map((server) => server.info('stats'))),
    ]);
    const status = rows as { Variable_name: string; Value: string }[];
    return {
      at: performance.now(),
      cpu: Object.fromEntries(this.target.processes.map(({ name, pid }) => [name, cpuSeconds([pid])])),
      machine: machineSeconds(),
      database: Object.fromEntries(status.map(({ Variable_name, Value }) => [Variable_name, Number(Value)])),
      redis: infos.reduce((sum, info) => sum + Number(/total_commands_processed:(\d+)/.exec(info)?.[1] ?? 0), 0),
    };
  }
}

function between(before: Totals, after: Totals): Omit<Sample, 'rss'> {
  const seconds = (after.at - before.at) / 1_000;
  const rate = (name: string): number => ((after.database[name] ?? 0) - (before.database[name] ?? 0)) / seconds;
  const cpu = mapped(after.cpu, (value, name) => ((value - (before.cpu[name] ?? 0)) / seconds) * 100);
  const ours = Object.values(cpu).reduce((sum, value) => sum + value, 0);
  const others = ((after.machine.used - before.machine.used) / seconds) * 100 - ours;
  return {
    cpu: { ...cpu, others: Math.max(0, others) },
    database: {
      queries: rate('Questions'),
      commits: rate('Com_commit'),
      rowsWritten: rate('Innodb_rows_inserted') + rate('Innodb_rows_updated'),
    },
    redis: { commands: (after.redis - before.redis) / seconds },
  };
}
