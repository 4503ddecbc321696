import { parseArgs } from 'node:util';
import { reconnect } from './reconnect.ts';
import { say } from './load.ts';
import { twoNodes } from './two-nodes.ts';

const scenarios = { 'two-nodes': twoNodes, reconnect };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { clients: { type: 'string' }, seconds: { type: 'string' }, rounds: { type: 'string' } },
});
const scenario = scenarios[positionals[0] as keyof typeof scenarios];
if (scenario === undefined) {
  say(`npm run load -- ${Object.keys(scenarios).join(' | ')} [--clients n] [--seconds n] [--rounds n]`);
  process.exit(1);
}
await scenario(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)])));
process.exit();
