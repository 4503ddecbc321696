import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { metrics } from '@maru/observability';
import { binary, TOOLS } from '@maru/stack';
import { describe, expect, it } from 'vitest';
import { settled, opened, readAll } from '../support/people.js';
import { ask, outcome, person, rawSocket, rest, roomOf, send, startSystem, until } from '../support/system.js';

const docker = join(import.meta.dirname, '../../docker');
const text = (file: string): string => readFileSync(join(docker, file), 'utf8');

interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  targets?: { expr: string }[];
}

interface Dashboard {
  uid: string;
  title: string;
  templating: { list: { name: string }[] };
  annotations: { list: { expr: string }[] };
  panels: Panel[];
}

const dashboards = globSync('grafana/dashboards/*.json', { cwd: docker }).map(
  (file) => JSON.parse(text(file)) as Dashboard,
);
const drawn = dashboards.flatMap(({ panels }) => panels.filter(({ type }) => type !== 'row'));
const alerts = [...text('alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);

/** As Grafana would ask while the last minutes are looked at, of all nodes. */
const asked = (expr: string): string =>
  expr.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '5m').replaceAll('$node', '.*');

describe('with Prometheus beside two nodes, their balancer and a replica', async () => {
  const { folder, url, nodeUrls, prometheusUrl, engines } = await startSystem({
    nodes: 2,
    replica: {},
    observe: { everyS: 1 },
    env: { LIMIT_LOOKUPS_PER_MINUTE: '1' },
  });
  const answer = async <T>(path: string, params: Record<string, string>): Promise<T> => {
    const response = await fetch(`${prometheusUrl}/api/v1/${path}?${new URLSearchParams(params)}`);
    const { status, error, data } = (await response.json()) as { status: string; error?: string; data: T };
    if (status !== 'success') throw new Error(`${params['query']}: ${error}`);
    return data;
  };
  /** Numbers of the series that a query answers with. */
  const numbers = async (expr: string): Promise<number[]> => {
    const { result } = await answer<{ result: { value: [number, string] }[] }>('query', { query: asked(expr) });
    return result.map(({ value: [, value] }) => Number(value)).filter((value) => !Number.isNaN(value));
  };

  it('[O10] every query of every panel returns series', async () => {
    const [ann, bob] = [await person(nodeUrls[0] ?? ''), await person(nodeUrls[1] ?? '')];
    const room = await roomOf(ann, bob);
    const foreign = await roomOf(ann);
    await opened(bob, room.id);
    const [writer, stranger] = [
      await rawSocket(nodeUrls[0] ?? '', await ann.session.accessToken()),
      await rawSocket(nodeUrls[1] ?? '', await bob.session.accessToken()),
    ];
    await person(url);
    await expect(rawSocket(url, 'no token')).rejects.toThrow();

    /** Something of everything: what is counted only when it happens must happen while somebody looks. */
    const live = async (): Promise<void> => {
      expect(outcome(await send(writer, room.id))).toBe('ok');
      expect(outcome(await send(stranger, foreign.id))).toBe('not-member');
      const view = ann.room(room.id);
      view.open();
      await until(() => expect(view.store.get().status).toBe('open'));
      view.close();
      await readAll(bob, room.id);
      await bob.call('history', { params: { roomId: room.id }, query: { limit: '5' } });
      await settled(bob.call('findPeople', { query: { text: 'ann' } }));
      expect(outcome(await ask(stranger, 'room:open', { roomId: foreign.id, after: null }))).toBe('not-member');
      expect((await rest(url, 'GET', '/api/rooms')).status).toBe(401);
    };
    let queries = drawn.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));
    expect(queries.length).toBeGreaterThan(50);
    await until(async () => {
      await live();
      const answers = await Promise.all(queries.map(({ expr }) => numbers(expr)));
      queries = queries.filter((_, i) => answers[i]?.length === 0);
      expect(queries).toEqual([]);
    });
  });

  it('[O10] no label names a person or a room', async () => {
    const series = await answer<Record<string, string>[]>('series', { 'match[]': '{job="maru"}' });
    expect(series.length).toBeGreaterThan(500);
    const ids = /[0-9a-f]{8}-[0-9a-f]{4}-|p\d+x\d+/;
    expect(series.filter((labels) => ids.test(JSON.stringify(labels)))).toEqual([]);
  });

  it('[O10] the node can be chosen, and starts are marked', async () => {
    const nodes = await answer('label/node/values', { 'match[]': 'up{job="maru"}' });
    expect(nodes).toEqual(['node-1', 'node-2']);
    for (const { annotations, templating } of dashboards) {
      expect(templating.list.map(({ name }) => name)).toEqual(['node']);
      for (const { expr } of annotations.list) await answer('query', { query: expr });
    }
  });

  it('[O10] the lag of a replica grows while it hangs, and is over when it is back', async () => {
    const lags = (): Promise<number[]> => numbers('maru_replica_lag_seconds');
    await until(async () => expect(await lags()).toEqual([0, 0]));
    engines.replica?.signal('SIGSTOP');
    await until(async () => expect(Math.min(...(await lags()))).toBeGreaterThan(2));
    engines.replica?.signal('SIGCONT');
    await until(async () => expect(await lags()).toEqual([0, 0]));
  });

  it('[O10] promtool takes the configuration, as it is and as it was made for these nodes', async () => {
    await promtool('check', 'config', 'prometheus.yml');
    await promtool('check', 'config', join(folder, 'prometheus/prometheus.yml'));
  });
});

describe('dashboards', () => {
  it('[O10] have ids of their own, and say of each panel what it shows', () => {
    expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
    for (const { panels } of dashboards) expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(drawn.filter(({ description = '' }) => description === '')).toEqual([]);
  });

  it('[O10] and alerts know every metric that there is, and no other', async () => {
    const there = (await Promise.all(Object.values(metrics).map((metric) => metric.get()))).map(({ name }) => name);
    const drawnOn = drawn.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join('\n');
    const used = (expressions: string): string[] =>
      [...expressions.matchAll(/\bmaru_\w+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''));
    expect(there.filter((name) => !used(drawnOn).includes(name))).toEqual([]);
    expect(used(drawnOn + text('alerts.yml')).filter((name) => !there.includes(name))).toEqual([]);
  });
});

describe('alerts', () => {
  it('[O10] fire when they should, and are quiet otherwise', async () => {
    await promtool('test', 'rules', 'alerts.test.yml');
  });

  it.each(alerts)('[O10] %s is tried both ways, and the operators’ page says what to do', (name) => {
    const lines = (file: string): string[] =>
      text(file)
        .split('\n')
        .map((line) => line.trim());
    expect(lines('alerts.test.yml').filter((line) => line.startsWith(`- name: ${name} `))).toEqual([
      `- name: ${name} fires`,
      `- name: ${name} is quiet`,
    ]);
    expect(
      lines('alerts.yml').filter((line) => line === `runbook: docker/README.md#${name.toLowerCase()}`),
    ).toHaveLength(1);
    expect(lines('README.md').filter((line) => line === `### ${name}`)).toHaveLength(1);
  });
});

/** Rejects with what it found. */
async function promtool(...args: string[]): Promise<void> {
  const { path, env } = await binary(TOOLS.promtool, () => {});
  await promisify(execFile)(path, args, { cwd: docker, env: { ...process.env, ...env } });
}
