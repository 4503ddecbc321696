import { join } from 'node:path';
import { inRoot } from './paths.ts';
import { Service } from './service.ts';

export interface ChatNodeOptions {
  name: string;
  logFile: string;
  host: string;
  port: number;
  internalPort: number;
  relayPort: number;
  env: NodeJS.ProcessEnv;
}

export const SERVER = inRoot('apps/server/dist');

/**
 * What is said to Node besides the file to run, here, in `docker/Dockerfile` and in the operators' page. All but the first
 * are about garbage collection, which takes cores from everybody: young objects get as much room as is copied in a few
 * milliseconds, by the one thread that waits for it anyway, and a full collection waits until the heap has grown to five
 * times of what the last one left.
 */
export const NODE_OPTIONS = [
  '--enable-source-maps',
  '--max-semi-space-size=16',
  '--no-parallel-scavenge',
  '--heap-growing-percent=400',
];

/** One node of the server, with the environment of the launcher. */
export function chatNode({ name, logFile, host, port, internalPort, relayPort, env }: ChatNodeOptions): Service {
  return new Service({
    name: `node ${name}`,
    command: process.execPath,
    args: [...NODE_OPTIONS, join(SERVER, 'main.js')],
    env: {
      ...env,
      NODE_NAME: name,
      HOST: host,
      PORT: `${port}`,
      INTERNAL_PORT: `${internalPort}`,
      RELAY_PORT: `${relayPort}`,
    },
    logFile,
    answers: async () => (await fetch(`http://127.0.0.1:${internalPort}/readyz`)).status === 200,
    graceMs: 30_000,
  });
}
