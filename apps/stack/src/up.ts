import { parseArgs } from 'node:util';
import { build } from './build.ts';
import { demoAccounts, demoAllowed } from './demo.ts';
import { HOME } from './paths.ts';
import { isFree } from './ports.ts';
import { Advice, type Report, toTerminal } from './report.ts';
import { forget, note, running } from './running.ts';
import { startTopology, type Topology } from './topology.ts';

const DEFAULT_PORT = 3000;
const NO_DEMO =
  'The demo accounts are there, but .maru/demo.json with their passwords is gone. Start anew: npm run reset';

/** `npm run up`: everything that a team needs on one machine, until Ctrl-C. `-- --nodes 3`: several nodes behind HAProxy; `--kafka`: events over Kafka; `--observe`: Prometheus beside it. */
export async function up(args: string[]): Promise<void> {
  const { nodes, kafka, observe } = asked(args);
  const report: Report = toTerminal;
  const already = running();
  if (already !== undefined) {
    report(`Maru is running already (pid ${already.pid}): ${already.url}\nStop it: npm run down`);
    return;
  }
  const stopped = stopRequest();
  const host = process.env['HOST'] ?? '127.0.0.1';
  const port = await publicPort(host);
  report('Starting Maru');
  note(`http://${host}:${port}`, {});
  const topology = await startTopology({
    folder: HOME,
    report,
    host,
    port,
    nodes,
    kafka,
    ...(observe ? { observe: {} } : {}),
    ...(process.env['INTERNAL_PORT'] === undefined ? {} : { internalPort: Number(process.env['INTERNAL_PORT']) }),
    build: () => build(report),
  }).catch((error: unknown) => {
    forget();
    throw error;
  });
  const services = topology.services();
  note(topology.url, Object.fromEntries(services.map((service) => [service.spec.name, service.pid])));
  for (const service of services) void service.supervise(report);
  try {
    await greet(topology, host, report);
    report(`\nStopping (${await stopped}) …`);
  } finally {
    await topology.stop();
    forget();
  }
  report('Stopped. Data is kept in .maru; start again: npm run up');
}

function asked(args: string[]): { nodes: number; kafka: boolean; observe: boolean } {
  const flag = { type: 'boolean', default: false } as const;
  const options = { nodes: { type: 'string', default: '1' }, kafka: flag, observe: flag } as const;
  const { values } = parseArgs({ args, options });
  const nodes = Number(values.nodes);
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > 16) throw new Advice('--nodes takes a number from 1 to 16.');
  return { nodes, kafka: values.kafka, observe: values.observe };
}

/** Ctrl-C, `npm run down`, or the end of the terminal. */
function stopRequest(): Promise<string> {
  return new Promise((resolve) => {
    process.on('SIGINT', () => resolve('Ctrl-C'));
    process.on('SIGTERM', () => resolve('npm run down'));
    process.on('SIGHUP', () => resolve('the terminal was closed'));
  });
}

/** The port that was asked for, or 3000, or the next one that is free. */
async function publicPort(host: string): Promise<number> {
  const wanted = process.env['PORT'];
  if (wanted !== undefined && wanted !== '') {
    if (await isFree(Number(wanted), host)) return Number(wanted);
    throw new Advice(`Port ${wanted} is taken. Choose another: PORT=${Number(wanted) + 1} npm run up`);
  }
  for (let port = DEFAULT_PORT; port < DEFAULT_PORT + 100; port++) if (await isFree(port, host)) return port;
  throw new Advice(`No port from ${DEFAULT_PORT} on is free. Choose one: PORT=8080 npm run up`);
}

async function greet({ url, engines, prometheusUrl }: Topology, host: string, report: Report): Promise<void> {
  const lines = ['', `  Maru is open:  ${url}`];
  if (engines.database !== undefined && demoAllowed(host)) {
    const accounts = await demoAccounts(url);
    lines.push('', accounts.length > 0 ? '  Two demo accounts to try it with two browsers:' : `  ${NO_DEMO}`);
    for (const { name, password } of accounts) lines.push(`    ${name}   ${password}`);
  }
  if (prometheusUrl !== undefined) {
    lines.push('', `  Prometheus: ${prometheusUrl}   Grafana on http://127.0.0.1:3300, once this runs:`);
    lines.push(`    PROMETHEUS_URL=${prometheusUrl} docker compose -f docker/grafana/compose.yml up`);
  }
  lines.push('', `  API: ${url}/docs   socket events: ${url}/asyncapi.json`, '  Stop: Ctrl-C', '');
  report(lines.join('\n'));
}
