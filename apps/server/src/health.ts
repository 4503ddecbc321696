import { get } from 'node:http';

const TIMEOUT_MS = 2_000;

/** For the health check of a container: `node health.js /livez` ends with 0 if this machine's node answers 200. */
const request = get(
  {
    host: '127.0.0.1',
    port: process.env['INTERNAL_PORT'] || '3001',
    path: process.argv[2] ?? '/livez',
    timeout: TIMEOUT_MS,
  },
  ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1),
);
request.on('timeout', () => process.exit(1));
request.on('error', () => process.exit(1));
