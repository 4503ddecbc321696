import { lasts, say } from '../load.ts';
import { cpuSeconds } from '../machine.ts';
import { onTopology } from '../target.ts';
import { makePeople } from '../people.ts';
import { RawClient } from '../raw-client.ts';

const PER_SECOND = 200;
const TEXT = 'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor';

/**
 * One room of 5,000 members and 200 messages a second. Some look at it and say every second how far they have read, the
 * others have it in their list. What do they get, and what does it cost?
 */
export async function bigRoom({ clients: count = 5_000, seconds = 20, viewers: looking = 100 }): Promise<void> {
  await onTopology({ env: { LIMIT_READS_PER_SECOND: '1000', LIMIT_READS_BURST: '1000' } }, async (topology) => {
    const { url, databaseUrl, env, nodes } = topology;
    const people = await makePeople(databaseUrl, env['JWT_SECRET'] ?? '', count, count);
    const clients: RawClient[] = [];
    let acked = 0;
    let refused = 0;
    for (let i = 0; i < count; i += 100) {
      await Promise.all(
        people.slice(i, i + 100).map(
          (person, k) =>
            new Promise<void>((live, reject) => {
              const events = {
                live,
                gone: (reason: string) => reject(new Error(reason)),
                acked: (_: number, ok: boolean) => void (ok ? acked++ : refused++),
              };
              clients.push(new RawClient(url, person, events, null, i + k < looking ? 'open' : 'watch'));
            }),
        ),
      );
    }
    const viewers = clients.slice(0, looking);
    const watchers = clients.slice(looking);
    say(`${count} members: ${viewers.length} look at the room, ${watchers.length} have it in their list`);
    const pids = nodes.map(({ pid }) => pid);
    const [before, started] = [cpuSeconds(pids), performance.now()];
    let sent = 0;
    let readAt = 0;
    while (performance.now() - started < seconds * 1_000) {
      const elapsed = (performance.now() - started) / 1_000;
      for (; sent < elapsed * PER_SECOND; sent++) viewers[sent % viewers.length]?.send(sent + 1, TEXT);
      const due = Math.floor(elapsed * viewers.length);
      for (; readAt < due; readAt++) viewers[readAt % viewers.length]?.haveRead();
      await lasts(1);
    }
    await lasts(3_000);
    const lasted = (performance.now() - started) / 1_000;
    const used = (cpuSeconds(pids) - before) / lasted;
    const perSecond = (of: readonly RawClient[], what: 'activities' | 'readFrames' | 'readRanges'): string =>
      (of.reduce((sum, client) => sum + client[what], 0) / Math.max(of.length, 1) / lasted).toFixed(2);
    const behind = viewers.filter(({ holes, doubled }) => holes + doubled > 0).length;
    say(`${sent} sent, ${acked} answered, ${refused} refused, ${behind} viewers with holes or doubles`);
    say(`a second and watcher: ${perSecond(watchers, 'activities')} activities (the bound is 2)`);
    say(
      `a second and viewer: ${perSecond(viewers, 'readFrames')} frames of what others read (the bound is 6.7), with ${perSecond(viewers, 'readRanges')} ranges`,
    );
    say(`server: ${(used * 100).toFixed(0)} % of a core`);
    for (const client of clients) client.close();
  });
}
