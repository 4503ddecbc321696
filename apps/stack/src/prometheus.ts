import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Binary } from './binaries.ts';
import { inRoot } from './paths.ts';
import { Service } from './service.ts';

export interface PrometheusOptions {
  binary: Binary;
  folder: string;
  logFile: string;
  port: number;
  /** How often it asks, seconds; left out: as docker/prometheus.yml says. */
  everyS?: number | undefined;
  nodes: readonly { name: string; internalPort: number }[];
  /** Where the balancer tells of itself, if there is one. */
  statsPort?: number | undefined;
}

export const prometheusUrl = (port: number): string => `http://127.0.0.1:${port}`;

const TARGETS = /(?: {6}- \{ targets: .*\n)+/;
const NO_TARGETS = '      []\n';

/** Prometheus with the configuration and the alerts of docker/, watching these nodes. */
export function prometheus(options: PrometheusOptions): Service {
  const { binary, folder, logFile, port, everyS, nodes, statsPort } = options;
  mkdirSync(folder, { recursive: true });
  const template = readFileSync(inRoot('docker/prometheus.yml'), 'utf8');
  const [before = '', between = '', after = ''] = template.split(TARGETS);
  const ofNodes = nodes.map(
    ({ name, internalPort }) => `      - { targets: ['127.0.0.1:${internalPort}'], labels: { node: ${name} } }\n`,
  );
  const ofBalancer = statsPort === undefined ? NO_TARGETS : `      - { targets: ['127.0.0.1:${statsPort}'] }\n`;
  const rendered = [before, ...ofNodes, between, ofBalancer, after].join('');
  const file = join(folder, 'prometheus.yml');
  writeFileSync(
    file,
    everyS === undefined ? rendered : rendered.replace(/scrape_interval: .*/, `scrape_interval: ${everyS}s`),
  );
  copyFileSync(inRoot('docker/alerts.yml'), join(folder, 'alerts.yml'));
  const url = prometheusUrl(port);
  return new Service({
    name: 'Prometheus',
    command: binary.path,
    args: [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    env: binary.env,
    logFile,
    answers: async () => (await fetch(`${url}/-/ready`)).ok,
  });
}
