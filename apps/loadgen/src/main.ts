import { parseArgs } from 'node:util';
import { bigRoom } from './big-room.ts';
import { consumers } from './consumers.ts';
import { prefixSum } from './prefix-sum.ts';
import { reconnect } from './reconnect.ts';
import { roomList } from './room-list.ts';
import { say } from './load.ts';
import { twoNodes } from './two-nodes.ts';

const scenarios = {
  'two-nodes': twoNodes,
  reconnect,
  consumers,
  'room-list': roomList,
  'prefix-sum': prefixSum,
  'big-room': bigRoom,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    clients: { type: 'string' },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    viewers: { type: 'string' },
  },
});
const scenario = scenarios[positionals[0] as keyof typeof scenarios];
if (scenario === undefined) {
  say(`npm run load -- ${Object.keys(scenarios).join(' | ')} [--clients n] [--viewers n] [--seconds n] [--rounds n]`);
  process.exit(1);
}
await scenario(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)])));
process.exit();
