import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { type Binary } from './binaries.ts';
import { run } from './run.ts';
import { Service } from './service.ts';

export interface MariaDbOptions {
  binary: Binary;
  /** Holds the data and what belongs to it. */
  folder: string;
  logFile: string;
  port: number;
  password: string;
  /** Writes a binary log, for replicas. */
  primary?: boolean;
  /** Follows this one. Its delay can be set, seconds, for tests. */
  replicaOf?: { port: number; delayS?: number };
  extraArgs?: readonly string[];
  extraEnv?: NodeJS.ProcessEnv;
}

const USER = 'maru';
const LOG_SIZE = ['--innodb-log-file-size=96M'];
const asRoot = (): string[] => (process.getuid?.() === 0 ? ['--user=root'] : []);

export const databaseUrl = (port: number, password: string): string =>
  `mysql://${USER}:${password}@127.0.0.1:${port}/maru`;

/** A private MariaDB with full durability: an acknowledged write survives a kill of the process and of the machine. */
export async function mariaDb(options: MariaDbOptions): Promise<Service> {
  const { binary, folder, port, password } = options;
  const data = join(folder, 'data');
  // a starting server deletes the temporary tables that it finds: those of another one, if they shared a folder
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  if (!existsSync(data)) await createData(binary, data, temporary);
  const init = join(folder, 'init.sql');
  writeFileSync(init, initSql(options), { mode: 0o600 });

  const log =
    options.primary || options.replicaOf
      ? [
          '--log-bin=binlog',
          '--binlog-format=ROW',
          '--sync-binlog=1',
          '--gtid-strict-mode=ON',
          '--relay-log=relay',
          '--expire-logs-days=2',
        ]
      : ['--skip-log-bin'];
  return new Service({
    name: options.replicaOf ? 'MariaDB replica' : 'MariaDB',
    command: binary.path,
    args: [
      '--no-defaults',
      ...asRoot(),
      `--datadir=${data}`,
      `--tmpdir=${temporary}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${socketPath(folder)}`,
      `--pid-file=${join(folder, 'pid')}`,
      `--init-file=${init}`,
      `--server-id=${port}`,
      `--lc-messages-dir=${shareFolder(binary)}`,
      '--skip-name-resolve',
      '--character-set-server=utf8mb4',
      '--collation-server=utf8mb4_unicode_ci',
      '--innodb-flush-log-at-trx-commit=1',
      '--innodb-buffer-pool-size=256M',
      ...LOG_SIZE,
      '--max-connections=200',
      '--performance-schema=OFF',
      ...(options.replicaOf ? ['--read-only=1'] : []),
      ...log,
      ...(options.extraArgs ?? []),
    ],
    env: { ...binary.env, ...options.extraEnv },
    logFile: options.logFile,
    answers: async () => {
      const connection = await createConnection({ uri: databaseUrl(port, password), connectTimeout: 1_000 });
      await connection.query('SELECT 1').finally(() => connection.destroy());
      return true;
    },
    graceMs: 20_000,
  });
}

/** What mariadb-install-db feeds to the server; that script itself is in a package that brings a service along. */
const SYSTEM_TABLES = [
  'mysql_system_tables.sql',
  'mysql_performance_tables.sql',
  'mysql_system_tables_data.sql',
  'maria_add_gis_sp_bootstrap.sql',
];

/** Written under a temporary name first: a data folder that is there is a whole one. */
async function createData(binary: Binary, data: string, temporary: string): Promise<void> {
  const making = `${data}.new`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  const share = shareFolder(binary);
  const tables = SYSTEM_TABLES.map((file) => join(share, file)).filter(existsSync);
  const input = [
    'CREATE DATABASE mysql;',
    'USE mysql;',
    'SET @auth_root_socket=NULL;',
    ...tables.map((file) => readFileSync(file, 'utf8')),
  ];
  const { code, output } = await run(
    binary.path,
    [
      '--no-defaults',
      '--bootstrap',
      `--datadir=${making}`,
      `--tmpdir=${temporary}`,
      `--lc-messages-dir=${share}`,
      ...LOG_SIZE,
      ...asRoot(),
      '--skip-log-bin',
    ],
    { env: binary.env, input: input.join('\n') },
  );
  if (code !== 0) throw new Error(`MariaDB could not make its data folder:\n${output}`);
  renameSync(making, data);
}

/** Where the messages and the SQL of the system tables lie: beside the program's own folder. */
function shareFolder(binary: Binary): string {
  const base = join(dirname(realpathSync(binary.path)), '../share');
  return (
    [join(base, 'mysql'), join(base, 'mariadb')].find((folder) =>
      existsSync(join(folder, 'mysql_system_tables.sql')),
    ) ?? base
  );
}

/** Runs at every start; kept out of the binary log, because a replica runs its own. */
function initSql({ password, replicaOf }: MariaDbOptions): string {
  const lines = [
    'SET SESSION sql_log_bin = 0',
    'CREATE DATABASE IF NOT EXISTS maru CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci',
    `CREATE USER IF NOT EXISTS '${USER}'@'127.0.0.1' IDENTIFIED BY '${password}'`,
    `GRANT ALL ON maru.* TO '${USER}'@'127.0.0.1'`,
    `CREATE USER IF NOT EXISTS 'replicator'@'127.0.0.1' IDENTIFIED BY '${password}'`,
    `GRANT REPLICATION SLAVE ON *.* TO 'replicator'@'127.0.0.1'`,
    `ALTER USER IF EXISTS 'root'@'localhost' IDENTIFIED BY '${password}'`,
  ];
  if (replicaOf !== undefined) {
    const delay = replicaOf.delayS === undefined ? '' : `, MASTER_DELAY=${replicaOf.delayS}`;
    lines.push(
      `CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=${replicaOf.port}, MASTER_USER='replicator', MASTER_PASSWORD='${password}', MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1${delay}`,
      'START SLAVE',
    );
  }
  return `${lines.join(';\n')};\n`;
}

/** A socket's path must be shorter than 108 bytes. */
function socketPath(folder: string): string {
  const path = join(folder, 'socket');
  return path.length < 100 ? path : join('/tmp', `maru-${Buffer.from(folder).toString('base64url').slice(-40)}`);
}
