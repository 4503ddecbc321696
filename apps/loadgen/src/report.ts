import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Chart, chart } from './chart.ts';
import type { ChatResult, Moment } from './chat.ts';
import { type Compared, compare, difference, isRegression } from './comparison.ts';
import { cpuText, say } from './load.ts';
import { wrongText } from './audit.ts';

export interface ReportOptions {
  scenario: string;
  /** Where reports and baselines are kept. */
  folder: string;
  /** Compare with this file instead of the one that was kept. */
  baseline: string | undefined;
  /** Later runs are compared with this one. */
  keep: boolean;
}

/** Writes a run as JSON, as SVG images and as one HTML page; says its figures. Returns whether it is a regression, or cannot be compared with the file that was named. */
export function report(result: ChatResult, { scenario, folder, baseline, keep }: ReportOptions): boolean {
  const kept = join(folder, 'baselines', `${scenario}.json`);
  const from = baseline ?? (existsSync(kept) ? kept : undefined);
  const before = from === undefined ? undefined : (JSON.parse(readFileSync(from, 'utf8')) as ChatResult);
  const differs = before === undefined ? '' : difference(before, result);
  const compared = before === undefined || differs !== '' ? undefined : compare(before, result);
  const isIncomparable = baseline !== undefined && differs !== '';
  const regression = isRegression(compared ?? [], result) || isIncomparable;
  const place = join(folder, `${scenario}-${result.startedAt.replaceAll(/[:.]/g, '-')}`);
  mkdirSync(place, { recursive: true });
  const json = JSON.stringify({ scenario, ...result }, null, 1);
  writeFileSync(join(place, 'report.json'), json);
  const images = chartsOf(result.moments).map((one) => ({
    name: `${one.title.replaceAll(' ', '-')}.svg`,
    svg: chart(one),
  }));
  for (const { name, svg } of images) writeFileSync(join(place, name), svg);
  writeFileSync(
    join(place, 'report.html'),
    page(
      scenario,
      result,
      compared,
      images.map(({ svg }) => svg),
    ),
  );
  for (const line of [...outcomesOf(result), ...timesOf(result), ...costsOf(result)]) say(`  ${line}`);
  for (const { name, unit, before, now, verdict } of compared ?? [])
    say(`  ${name}: ${before} -> ${now} ${unit}, ${verdict}`);
  if (compared !== undefined) say(regression ? `  REGRESSION against ${from}` : `  no regression against ${from}`);
  if (differs !== '') say(`  not compared with ${from}: ${differs}`);
  if (keep && !result.clean) say('  not kept as a baseline: it is not clean');
  else if (keep) {
    mkdirSync(join(folder, 'baselines'), { recursive: true });
    writeFileSync(kept, json);
  }
  say(`  report: ${join(place, 'report.html')}`);
  return regression;
}

const times = ({ avg, p50, p95, p99, max }: ChatResult['ack']): string =>
  `avg ${avg}, p50 ${p50}, p95 ${p95}, p99 ${p99}, max ${max} ms`;

/** What became of messages and reads. */
function outcomesOf(result: ChatResult): string[] {
  const { audit, sent, acked, delivered, cutOff } = result;
  const refused = Object.entries(result.refusals).map(([code, count]) => `${count} ${code}`);
  return [
    `${result.clean ? 'CLEAN' : 'NOT CLEAN'}: ${sent} sent, ${acked} acknowledged, ${audit.stored} stored, refused: ${refused.join(', ') || 'none'}`,
    `${delivered} deliveries: ${wrongText(audit)}${cutOff > 0 ? `; ${cutOff} connections cut off` : ''}`,
    ...(result.readsFailed > 0 ? [`${result.readsFailed} reads failed`] : []),
  ];
}

const timesOf = (result: ChatResult): string[] => [
  `ack       ${times(result.ack)}`,
  `delivery  ${times(result.delivery)}`,
  `generator late by ${times(result.generatorLag)}`,
  ...Object.entries(result.reads).map(([kind, summary]) => `${kind} (${summary.count})  ${times(summary)}`),
];

const costsOf = (result: ChatResult): string[] => [
  `${result.ackedPerSecond} acknowledged a second; CPU in % of a core: ${cpuText(result.cpu)}`,
  `server: ${result.serverMicrosPerDelivery ?? '?'} us a delivery; database: ${result.engines['commits']} commits/s with ${result.rowsPerCommit} messages each, ${result.engines['queries']} queries/s; Redis: ${result.engines['commands']} commands/s; waiting for the disk ${result.engines['diskWaitPercent']} %`,
  ...Object.entries(result.cache)
    .filter(([, { hit, miss }]) => hit + miss > 0)
    .map(
      ([cache, { hit, miss }]) =>
        `cache ${cache}: ${((hit / (hit + miss)) * 100).toFixed(1)} % of ${hit + miss} reads hit`,
    ),
];

function chartsOf(moments: readonly Moment[]): Chart[] {
  const line = (name: string, of: (moment: Moment) => number | null | undefined): Chart['series'][number] => ({
    name,
    values: moments.map((moment) => of(moment) ?? null),
  });
  const processes = Object.keys(moments.find(({ sample }) => sample)?.sample?.cpu ?? {});
  return [
    { title: 'People', unit: 'live connections', series: [line('people', ({ people }) => people)] },
    {
      title: 'Messages',
      unit: 'a second',
      series: [line('due', (m) => m.sent), line('acknowledged', (m) => m.acked), line('refused', (m) => m.refused)],
    },
    {
      title: 'Send to acknowledgement',
      unit: 'ms from due',
      series: [line('p50', (m) => m.ackP50), line('p99', (m) => m.ackP99)],
    },
    {
      title: 'Send to shown',
      unit: 'ms from due',
      series: [line('p50', (m) => m.deliveryP50), line('p99', (m) => m.deliveryP99)],
    },
    { title: 'CPU', unit: '% of a core', series: processes.map((name) => line(name, (m) => m.sample?.cpu[name])) },
    {
      title: 'Memory',
      unit: 'MiB',
      series: processes.filter((name) => name !== 'others').map((name) => line(name, (m) => m.sample?.rss[name])),
    },
    {
      title: 'Database and Redis',
      unit: 'operations a second',
      series: [
        line('database queries', (m) => m.sample?.database.queries),
        line('commits', (m) => m.sample?.database.commits),
        line('Redis commands', (m) => m.sample?.redis.commands),
      ],
    },
  ].filter(({ series }) => series.length > 0);
}

const STYLE = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:92rem;margin:2rem auto;padding:0 1rem}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(34rem,100%),1fr));gap:1rem}
table{border-collapse:collapse;margin:1rem 0}td,th{padding:.25rem .9rem .25rem 0;text-align:left;border-bottom:1px solid #8884}
.good{color:#3c8a3c}.bad{color:#d0402b}`;

const cells = (values: readonly (string | number | null)[], tag = 'td'): string =>
  `<tr>${values.map((value) => `<${tag}>${value ?? '–'}</${tag}>`).join('')}</tr>`;
const table = (head: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string =>
  `<table>${cells(head, 'th')}${rows.map((row) => cells(row)).join('')}</table>`;

function page(
  scenario: string,
  result: ChatResult,
  compared: Compared[] | undefined,
  charts: readonly string[],
): string {
  const { options, machine } = result;
  const summaries = {
    acknowledgement: result.ack,
    delivery: result.delivery,
    'generator late': result.generatorLag,
    ...result.reads,
  };
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Maru under load: ${scenario}</title><style>${STYLE}</style>
<h1>Maru under load: ${scenario}</h1>
<p>${options.clients} people in rooms of ${options.roomSize}, ${options.perSecond} messages each a second, ${options.seconds} s
(ramp ${options.rampSeconds} s, warm-up ${options.warmUpSeconds} s), texts of ${options.textBytes} bytes; ${result.startedAt}.<br>
${Object.entries(machine)
  .map(([name, value]) => `${name}: ${value}`)
  .join(' · ')}</p>
<p class="${result.clean ? 'good' : 'bad'}"><strong>${result.clean ? 'Nothing lost, doubled or out of order.' : 'NOT CLEAN'}</strong></p>
<ul>${outcomesOf(result)
    .map((line) => `<li>${line}</li>`)
    .join('')}</ul>
${table(
  ['ms', 'count', 'average', 'p50', 'p95', 'p99', 'max'],
  Object.entries(summaries).map(([name, s]) => [name, s.count, s.avg, s.p50, s.p95, s.p99, s.max]),
)}
${
  compared === undefined
    ? ''
    : `<h2>Against the baseline</h2>${table(
        ['figure', 'before', 'now', ''],
        compared.map((one) => [one.name, `${one.before} ${one.unit}`, `${one.now} ${one.unit}`, one.verdict]),
      )}`
}
<div class="charts">${charts.map((svg) => `<figure>${svg}</figure>`).join('')}</div>
<ul>${costsOf(result)
    .map((line) => `<li>${line}</li>`)
    .join('')}</ul></html>
`;
}
