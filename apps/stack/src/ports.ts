import { createServer } from 'node:net';

/** Below the range from which outgoing connections take their ports. */
const FIRST = 20_000;
const LAST = 29_999;
const COUNT = LAST - FIRST + 1;
const given = new Set<number>();
/** Processes that look for ports at the same time begin far from each other. */
let next = (process.pid * 6_151) % COUNT;

export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

/** A free port, the preferred one if it is. No port is given twice. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && !given.has(preferred) && (await isFree(preferred))) {
    given.add(preferred);
    return preferred;
  }
  for (;;) {
    const port = FIRST + (next++ % COUNT);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}
