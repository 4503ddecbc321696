import { conclude } from '../audit.ts';
import { lasts, say } from '../load.ts';
import { cpuSeconds } from '../machine.ts';
import { onTopology, targetOf } from '../target.ts';
import { Crowd } from '../crowd.ts';
import { Ledger } from '../ledger.ts';
import type { FirstView, RawClient } from '../raw-client.ts';

const PER_SECOND = 200;
const TEXT = 'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor';

/**
 * One room of 5,000 members and 200 messages a second. Some look at it and say every second how far they have read, the
 * others have it in their list. What do they get, and what does it cost?
 */
export async function bigRoom({ clients: count = 5_000, seconds = 20, viewers: looking = 100 }): Promise<void> {
  await onTopology({}, async (topology) => {
    const { nodes } = topology;
    const ledger = new Ledger({
      clients: count,
      perClient: Math.ceil((seconds * PER_SECOND) / looking) + 1,
      roomSize: count,
      viewers: looking,
    });
    const viewOf = (client: number): FirstView => (client < looking ? 'open' : 'watch');
    const crowd = await Crowd.make(targetOf(topology), { clients: count, roomSize: count, viewOf }, ledger);
    await crowd.connectAll();
    const { clients } = crowd;
    const viewers = clients.slice(0, looking);
    const watchers = clients.slice(looking);
    say(`${count} members: ${viewers.length} look at the room, ${watchers.length} have it in their list`);
    const pids = nodes.map(({ pid }) => pid);
    const [before, started] = [cpuSeconds(pids), performance.now()];
    let sent = 0;
    let readAt = 0;
    while (performance.now() - started < seconds * 1_000) {
      const elapsed = (performance.now() - started) / 1_000;
      for (; sent < elapsed * PER_SECOND; sent++) {
        const { number, id } = ledger.next(sent % looking, started + (sent / PER_SECOND) * 1_000, performance.now());
        viewers[sent % looking]?.send(number, TEXT, id);
      }
      const due = Math.floor(elapsed * viewers.length);
      for (; readAt < due; readAt++) viewers[readAt % viewers.length]?.haveRead();
      await lasts(1);
    }
    const lasted = (performance.now() - started) / 1_000;
    const cpu = ((cpuSeconds(pids) - before) / lasted) * 100;
    const perSecond = (of: readonly RawClient[], what: 'activities' | 'readFrames' | 'readRanges'): string =>
      (of.reduce((sum, client) => sum + client[what], 0) / Math.max(of.length, 1) / lasted).toFixed(2);
    const told = [
      `a second and watcher: ${perSecond(watchers, 'activities')} activities (the bound is 2)`,
      `a second and viewer: ${perSecond(viewers, 'readFrames')} frames of what others read (the bound is 6.7), with ${perSecond(viewers, 'readRanges')} ranges`,
      `server: ${cpu.toFixed(0)} % of a core`,
    ];
    await conclude(crowd, ledger);
    const { p50, p99 } = ledger.deliveries.summary();
    say(`from due to shown: p50 ${p50} ms, p99 ${p99} ms`);
    for (const line of told) say(line);
  });
}
