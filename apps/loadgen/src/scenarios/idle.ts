import { Crowd } from '../crowd.ts';
import { lasts, say } from '../load.ts';
import { cpuSeconds, rssMiB } from '../machine.ts';
import { progress } from '../progress.ts';
import type { Given } from '../scenario.ts';
import { onTopology, targetOf } from '../target.ts';

const QUIET_MS = 30_000;

/** What 10,000 signed-in connections that do nothing cost: memory of the node for each, and CPU time. */
export async function idle({ clients = 10_000 }: Given): Promise<void> {
  await onTopology({}, async (topology) => {
    const target = targetOf(topology);
    const pid = topology.nodes[0]?.pid;
    const bar = progress();
    // whatever the first connections load and compile belongs to the node
    const first = await Crowd.make(target, { clients: 200, roomSize: 10, viewOf: () => 'none' });
    await first.connectAll();
    first.close();
    await lasts(5_000);
    const before = rssMiB(pid);
    const crowd = await Crowd.make(target, { clients, roomSize: 10, viewOf: () => 'none' });
    await crowd.connectAll((live) => bar(`${live} of ${clients} are here`));
    await lasts(5_000);
    const used = cpuSeconds([pid]);
    await lasts(QUIET_MS);
    const cpu = ((cpuSeconds([pid]) - used) / QUIET_MS) * 1e5;
    const after = rssMiB(pid);
    bar('');
    say(
      `${clients} idle connections, ${crowd.cutOff} cut off: ${(((after - before) * 1_024) / clients).toFixed(1)} KiB each (node ${before.toFixed(0)} -> ${after.toFixed(0)} MiB), ${cpu.toFixed(1)} % of a core`,
    );
    crowd.close();
  });
}
