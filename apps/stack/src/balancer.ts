import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Binary } from './binaries.ts';
import { inRoot } from './paths.ts';
import { Service } from './service.ts';

export interface BalancerOptions {
  binary: Binary;
  folder: string;
  logFile: string;
  host: string;
  port: number;
  /** How it is reached. */
  url: string;
  /** Of its own metrics and page, on loopback. */
  statsPort: number;
  nodes: readonly { name: string; host: string; port: number; internalPort: number }[];
}

/** HAProxy with the configuration of docker/haproxy.cfg, in front of these nodes. */
export function balancer({ binary, folder, logFile, host, port, url, statsPort, nodes }: BalancerOptions): Service {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'haproxy.cfg');
  const servers = nodes.map((node) => `    server ${node.name} ${node.host}:${node.port} port ${node.internalPort}\n`);
  const template = readFileSync(inRoot('docker/haproxy.cfg'), 'utf8');
  writeFileSync(file, template.replace(/(?: {4}server .*\n)+/, servers.join('')));
  return new Service({
    name: 'HAProxy',
    command: binary.path,
    args: ['-db', '-f', file],
    env: { ...binary.env, MARU_BIND: `${host}:${port}`, MARU_METRICS_BIND: `127.0.0.1:${statsPort}` },
    logFile,
    answers: async () => (await fetch(`${url}/api/rooms`)).status === 401,
    // it waits for open tunnels; the nodes have closed theirs
    graceMs: 2_000,
  });
}
