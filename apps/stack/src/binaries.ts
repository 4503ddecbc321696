import { accessSync, constants, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { HOME, inRoot } from './paths.ts';
import { Advice, type Report, step } from './report.ts';
import { run } from './run.ts';

export interface Binary {
  path: string;
  /** Where the libraries of a privately unpacked package lie. */
  env: NodeJS.ProcessEnv;
}

interface Tool {
  title: string;
  /** Variable that names the program. */
  variable: string;
  programs: readonly string[];
  apt: readonly string[];
  brew?: readonly string[];
  /** What the program can also be called in the package, if it acts by its name. */
  alias?: string;
  /** Its package would start a service of its own. */
  bringsService?: boolean;
  /** Its package names its parts by where they lie: unpacked elsewhere it does not work. */
  bound?: boolean;
}

/** Debian asks this script whether a package may start its service. */
const POLICY = '/usr/sbin/policy-rc.d';

export const TOOLS = {
  mariadb: {
    title: 'MariaDB',
    variable: 'MARIADBD_BIN',
    programs: ['mariadbd', 'mysqld'],
    apt: ['mariadb-server-core'],
    brew: ['mariadb'],
  },
  redis: {
    title: 'Redis',
    variable: 'REDIS_SERVER_BIN',
    programs: ['redis-server'],
    apt: ['redis-tools'],
    brew: ['redis'],
    alias: 'redis-check-rdb',
  },
  haproxy: {
    title: 'HAProxy',
    variable: 'HAPROXY_BIN',
    programs: ['haproxy'],
    apt: ['haproxy'],
    brew: ['haproxy'],
    bringsService: true,
  },
  java: {
    title: 'Java 17',
    variable: 'JAVA_BIN',
    programs: ['java'],
    apt: ['openjdk-17-jre-headless'],
    brew: ['openjdk@17'],
    bound: true,
  },
  maven: {
    title: 'Maven',
    variable: 'MAVEN_BIN',
    programs: ['mvn'],
    apt: ['maven'],
    brew: ['maven'],
    bound: true,
  },
  prometheus: {
    title: 'Prometheus',
    variable: 'PROMETHEUS_BIN',
    programs: ['prometheus'],
    apt: ['prometheus'],
    brew: ['prometheus'],
    bringsService: true,
  },
  promtool: {
    title: 'promtool',
    variable: 'PROMTOOL_BIN',
    programs: ['promtool'],
    apt: ['prometheus'],
    brew: ['prometheus'],
    bringsService: true,
  },
  compose: {
    title: 'Docker Compose',
    variable: 'COMPOSE_BIN',
    programs: ['docker-compose'],
    apt: ['docker-compose'],
    brew: ['docker-compose'],
    bound: true,
  },
  chromium: {
    title: 'Chromium with fonts',
    variable: 'CHROMIUM_BIN',
    programs: ['chromium'],
    apt: ['chromium', 'fonts-noto-cjk', 'fonts-noto-color-emoji'],
  },
} as const satisfies Record<string, Tool>;

const PRIVATE = join(HOME, 'engines');
const FOLDERS = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/opt/homebrew/bin',
  '/opt/homebrew/opt/mariadb/bin',
  '/usr/local/opt/mariadb/bin',
  '/opt/homebrew/opt/openjdk@17/bin',
  '/usr/local/opt/openjdk@17/bin',
];

/** Finds the program, or installs it: apt as root, apt unpacked into a private folder, or brew. */
export async function binary(tool: Tool, report: Report): Promise<Binary> {
  const found = find(tool);
  if (found !== undefined) return found;
  await step(report, `installing ${tool.title}`, () => install(tool));
  const installed = find(tool);
  if (installed === undefined) throw new Advice(advice(tool));
  return installed;
}

function find(tool: Tool): Binary | undefined {
  const named = process.env[tool.variable];
  if (named !== undefined) {
    if (executable(named)) return { path: named, env: {} };
    throw new Advice(`${tool.variable}=${named} is not a program.`);
  }
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...FOLDERS];
  const isPrivate = ['usr/sbin', 'usr/bin'].map((folder) => join(PRIVATE, folder));
  for (const folder of [...folders, ...isPrivate]) {
    const env = isPrivate.includes(folder) ? privateEnvironment() : {};
    for (const program of tool.programs) {
      if (executable(join(folder, program))) return { path: join(folder, program), env };
    }
    if (tool.alias !== undefined && executable(join(folder, tool.alias))) {
      return { path: underItsName(tool, join(folder, tool.alias)), env };
    }
  }
  return undefined;
}

async function install(tool: Tool): Promise<void> {
  mkdirSync(join(HOME, 'logs'), { recursive: true });
  const log = join(HOME, 'logs', 'install.log');
  if (executable('/usr/bin/apt-get')) {
    const prefix =
      process.getuid?.() === 0
        ? []
        : (await run('sudo', ['-n', 'true']).catch(() => ({ code: 1 }))).code === 0
          ? ['sudo', '-n']
          : undefined;
    if (prefix === undefined && tool.bound === true) throw new Advice(advice(tool));
    if (prefix === undefined) return unpackPrivately(tool, log);
    const apt = (...args: string[]) => {
      const [command, ...rest] = [...prefix, 'apt-get', '-o', 'DPkg::Lock::Timeout=300', ...args];
      return run(command as string, rest, { log, env: { DEBIAN_FRONTEND: 'noninteractive' } });
    };
    const packages = ['install', '-y', '--no-install-recommends', ...tool.apt];
    const asRoot = (script: string) => {
      const [command, ...rest] = [...prefix, 'sh', '-c', script];
      return run(command, rest, { log });
    };
    const forbids = tool.bringsService === true && !existsSync(POLICY);
    if (forbids) await asRoot(`printf '#!/bin/sh\\nexit 101\\n' > ${POLICY} && chmod +x ${POLICY}`);
    try {
      if ((await apt(...packages)).code === 0) return;
      await apt('update');
      const again = await apt(...packages);
      if (again.code !== 0) throw new Advice(`${advice(tool)}\n(apt said: ${again.output.trim().split('\n').at(-1)})`);
    } finally {
      if (forbids) await asRoot(`rm -f ${POLICY}`);
    }
  } else if (tool.brew !== undefined && (executable('/opt/homebrew/bin/brew') || executable('/usr/local/bin/brew'))) {
    await run('brew', ['install', ...tool.brew], { log });
  }
}

/** Without root: downloads the packages that are missing and unpacks them below the launcher's folder. */
async function unpackPrivately(tool: Tool, log: string): Promise<void> {
  const downloads = join(PRIVATE, 'downloads');
  mkdirSync(downloads, { recursive: true });
  const plan = await run('apt-get', ['--simulate', 'install', '-y', '--no-install-recommends', ...tool.apt], { log });
  const packages = [...plan.output.matchAll(/^Inst (\S+)/gm)].map(([, name = '']) => name);
  if (packages.length === 0) throw new Advice(advice(tool));
  const fetched = await run('apt-get', ['download', ...packages], { cwd: downloads, log });
  if (fetched.code !== 0) throw new Advice(advice(tool));
  for (const file of readdirSync(downloads)) await run('dpkg-deb', ['-x', join(downloads, file), PRIVATE], { log });
}

function privateEnvironment(): NodeJS.ProcessEnv {
  const lib = join(PRIVATE, 'usr/lib');
  const folders = existsSync(lib) ? readdirSync(lib).filter((name) => name.includes('-linux-')) : [];
  return { LD_LIBRARY_PATH: folders.map((name) => join(lib, name)).join(':') };
}

/** Some programs are several in one and act by the name they are started under. */
function underItsName(tool: Tool, target: string): string {
  const link = join(HOME, 'bin', tool.programs[0] ?? '');
  mkdirSync(join(HOME, 'bin'), { recursive: true });
  if (!existsSync(link)) symlinkSync(target, link);
  return link;
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return !path.startsWith(inRoot('node_modules'));
  } catch {
    return false;
  }
}

function advice(tool: Tool): string {
  const line =
    process.platform === 'darwin'
      ? `brew install ${(tool.brew ?? tool.apt).join(' ')}`
      : `sudo apt-get install ${tool.apt.join(' ')}`;
  return `${tool.title} is missing and could not be installed. Type: ${line}\n(or name the program: ${tool.variable}=/path)`;
}
