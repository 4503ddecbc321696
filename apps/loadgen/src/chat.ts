import { type Audit, audit, auditOfUnstored, isClean } from './audit.ts';
import { Crowd } from './crowd.ts';
import { rounded, type Summary } from './latencies.ts';
import { Ledger } from './ledger.ts';
import { lasts, mapped } from './load.ts';
import { describeMachine } from './machine.ts';
import { cacheReads, type CacheReads } from './node-metrics.ts';
import { progress } from './progress.ts';
import { type ReadMix, Readers } from './readers.ts';
import { type Sample, Sampler } from './sampler.ts';
import { schedule } from './schedule.ts';
import type { Target } from './target.ts';

export interface ChatOptions {
  clients: number;
  /** People of a room; everybody looks at it and gets what is said. */
  roomSize: number;
  /** Messages of each client a second. */
  perSecond: number;
  /** Of the measurement, after ramp and warm-up. */
  seconds: number;
  /** Said before, and not timed. */
  warmUpSeconds: number;
  /** People come one after the other for so long and start to chat; this is timed. */
  rampSeconds: number;
  textBytes: number;
  /** The server stores what it acknowledges: the table is held against it. */
  stored: boolean;
  /** Asked over REST and said over the socket besides. */
  reads?: ReadMix;
}

export const CHAT: ChatOptions = {
  clients: 3_000,
  roomSize: 10,
  perSecond: 1,
  seconds: 60,
  warmUpSeconds: 5,
  rampSeconds: 0,
  textBytes: 100,
  stored: true,
};

/** One second of a run. */
export interface Moment {
  people: number;
  /** Due in this second. */
  sent: number;
  /** Answered in this second. */
  acked: number;
  refused: number;
  ackP50: number | null;
  ackP99: number | null;
  deliveryP50: number | null;
  deliveryP99: number | null;
  sample?: Sample;
}

export interface ChatResult {
  options: ChatOptions;
  machine: Record<string, string>;
  startedAt: string;
  sent: number;
  acked: number;
  refusals: Record<string, number>;
  delivered: number;
  audit: Audit;
  /** Connections that ended without being asked to. */
  cutOff: number;
  /** Nothing was lost, doubled or out of order: whatever is stored was shown to all, once, and what was acknowledged is stored. */
  clean: boolean;
  /** Milliseconds from when a message was due. */
  ack: Summary;
  delivery: Summary;
  generatorLag: Summary;
  reads: Record<string, Summary>;
  /** Reads that were refused, broken off, or left out because too many were unanswered. */
  readsFailed: number;
  ackedPerSecond: number;
  /** Percent of a core, of what was watched. */
  cpu: Record<string, number>;
  serverMicrosPerDelivery: number | null;
  serverMicrosPerMessage: number | null;
  rowsPerCommit: number | null;
  engines: Record<string, number>;
  cache: CacheReads;
  moments: Moment[];
}

const TEXT = 'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore ';
const COMES_BEFORE_MS = 1_000;

/** People who chat as they are due to, whatever the server does, with each delivery counted and the table audited. */
export async function chat(target: Target, options: ChatOptions): Promise<ChatResult> {
  const { clients, roomSize, perSecond, rampSeconds, reads } = options;
  const ledger = new Ledger({
    clients,
    perClient: Math.ceil((lastsMs(options) / 1_000) * perSecond) + 1,
    roomSize,
  });
  const crowd = await Crowd.make(target, { clients, roomSize }, ledger);
  const bar = progress();
  if (rampSeconds === 0) await crowd.connectAll((live) => bar(`${live} of ${clients} people are here`));
  const readers = reads && new Readers(target, crowd, reads);
  const sampler = await Sampler.connect(target);
  const cacheBefore = await cacheReads(target);
  const startedAt = new Date().toISOString();
  const course = await conduct({ options, crowd, ledger, readers, sampler, bar });
  await crowd.settle();
  await readers?.settle();
  const found = options.stored ? await audit(crowd, ledger) : auditOfUnstored(crowd, ledger);
  const cacheAfter = await cacheReads(target);
  crowd.close();
  await sampler.close();
  bar('');
  const cache = mapped(cacheAfter, ({ hit, miss }, name) => ({
    hit: hit - (cacheBefore[name]?.hit ?? 0),
    miss: miss - (cacheBefore[name]?.miss ?? 0),
  }));
  return { startedAt, cache, ...resultOf({ options, crowd, ledger, readers, sampler, audit: found, course }) };
}

const lastsMs = ({ rampSeconds, warmUpSeconds, seconds }: ChatOptions): number =>
  (rampSeconds + warmUpSeconds + seconds) * 1_000;

interface Run {
  options: ChatOptions;
  crowd: Crowd;
  ledger: Ledger;
  readers: Readers | undefined;
  sampler: Sampler;
}

interface Course {
  /** How many were there in each second. */
  people: number[];
  /** Acknowledgements and deliveries that came while CPU time and commits were counted. */
  acked: number;
  delivered: number;
}

/** Lets everybody say and read what is due until the time is over. */
async function conduct({
  options,
  crowd,
  ledger,
  readers,
  sampler,
  bar,
}: Run & { bar: (line: string) => void }): Promise<Course> {
  const { clients, roomSize, perSecond, rampSeconds, warmUpSeconds, textBytes } = options;
  const text = TEXT.repeat(Math.ceil(textBytes / TEXT.length)).slice(0, textBytes - 1) + '.';
  const start = performance.now() + 50;
  const comesAt = (client: number): number => (client / clients) * rampSeconds * 1_000;
  /** The room talks when all of it is there. */
  const startsAt = (client: number): number =>
    comesAt(Math.min(clients, client - (client % roomSize) + roomSize) - 1) + (rampSeconds > 0 ? COMES_BEFORE_MS : 0);
  const timed = start + (rampSeconds > 0 ? 0 : warmUpSeconds * 1_000);
  ledger.timeFrom(timed);
  const duties = schedule({
    clients,
    perSecond,
    startsAt,
    endsAt: lastsMs(options),
  });
  const people: number[] = [];
  const comings: Promise<void>[] = [];
  let sampling = false;
  let [acked, delivered] = [0, 0];
  for (let due = duties.next(); ;) {
    const now = performance.now();
    if (!sampling && now >= timed) {
      sampling = true;
      await sampler.start();
      [acked, delivered] = [ledger.acked, ledger.delivered];
    }
    while (rampSeconds > 0 && comings.length < clients && start + comesAt(comings.length) <= now) {
      const coming = crowd.connect(comings.length);
      // whoever did not come fails the run at its end
      coming.catch(() => {});
      comings.push(coming);
    }
    while (!due.done && start + due.value.at <= now) {
      const { client, at } = due.value;
      const { number, id } = ledger.next(client, start + at, performance.now());
      crowd.clients[client]?.send(number, text, id);
      due = duties.next();
    }
    readers?.act(now);
    const second = Math.floor((now - timed) / 1_000);
    if (second >= 0 && people[second] === undefined) {
      people[second] = crowd.clients.filter(({ live }) => live).length;
      bar(line(second, people[second], ledger));
    }
    if (due.done && now >= start + lastsMs(options)) break;
    await lasts(1);
  }
  [acked, delivered] = [ledger.acked - acked, ledger.delivered - delivered];
  await sampler.stop();
  await Promise.all(comings);
  return { people, acked, delivered };
}

function resultOf({
  options,
  crowd,
  ledger,
  readers,
  sampler,
  audit: found,
  course,
}: Run & { audit: Audit; course: Course }): Omit<ChatResult, 'startedAt' | 'cache'> {
  const { seconds, cpu, cpuSeconds, engines } = sampler.average();
  const servers = Object.entries(cpuSeconds).filter(([name]) => name.startsWith('node-'));
  const serverSeconds = servers.reduce((sum, [, used]) => sum + used, 0);
  const each = (count: number): number | null =>
    servers.length === 0 || count === 0 ? null : rounded((serverSeconds * 1e6) / count);
  const readsFailed = readers?.failed ?? 0;
  return {
    options,
    machine: describeMachine(),
    sent: ledger.sent,
    acked: ledger.acked,
    refusals: ledger.refusals,
    delivered: ledger.delivered,
    audit: found,
    cutOff: crowd.cutOff,
    clean: readsFailed === 0 && crowd.cutOff === 0 && isClean(found),
    ack: ledger.acks.summary(),
    delivery: ledger.deliveries.summary(),
    generatorLag: ledger.lag.summary(),
    reads: readers?.summaries() ?? {},
    readsFailed,
    ackedPerSecond: rounded(course.acked / seconds, 0),
    cpu: mapped(cpu, (share) => rounded(share, 1)),
    serverMicrosPerDelivery: each(course.delivered),
    serverMicrosPerMessage: each(course.acked),
    rowsPerCommit: engines.commits === 0 ? null : rounded(course.acked / seconds / engines.commits, 1),
    engines: mapped(engines, (rate) => rounded(rate, 0)),
    moments: course.people
      .slice(0, Math.ceil(seconds))
      .map((count, second) => momentOf(second, count, ledger, sampler.samples[second])),
  };
}

const momentOf = (second: number, people: number, ledger: Ledger, sample: Sample | undefined): Moment => ({
  people,
  sent: ledger.sentBySecond[second] ?? 0,
  acked: ledger.ackedBySecond[second] ?? 0,
  refused: ledger.refusedBySecond[second] ?? 0,
  ackP50: ledger.acks.quantile(0.5, second),
  ackP99: ledger.acks.quantile(0.99, second),
  deliveryP50: ledger.deliveries.quantile(0.5, second),
  deliveryP99: ledger.deliveries.quantile(0.99, second),
  ...(sample === undefined ? {} : { sample }),
});

function line(second: number, people: number, ledger: Ledger): string {
  const before = Math.max(0, second - 1);
  const [p50, p99] = [ledger.acks.quantile(0.5, before) ?? 0, ledger.acks.quantile(0.99, before) ?? 0];
  return `${second} s  ${people} people, ${ledger.sentBySecond[before] ?? 0} messages/s, ack p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ms, ${ledger.refused} refused`;
}
