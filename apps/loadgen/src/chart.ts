/** Values of one line, one a second; null leaves a hole. */
export interface Series {
  name: string;
  values: readonly (number | null)[];
}

export interface Chart {
  title: string;
  unit: string;
  series: readonly Series[];
}

const WIDTH = 720;
const HEIGHT = 240;
const LEFT = 64;
const RIGHT = 16;
const TOP = 44;
const BOTTOM = 30;
const LINES = 4;
const COLOURS = ['#7a4a21', '#2f6f8f', '#c2571f', '#4f7d3a', '#8a4f9e', '#7d7d7d', '#b8860b', '#a3324a'];

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const shown = (value: number): string =>
  value >= 10_000 ? `${Number((value / 1_000).toFixed(1))}k` : String(Number(value.toPrecision(3)));

/** The next round number: 1, 2 or 5 times a power of ten. */
function ceiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

/** An SVG image of values over seconds, readable on light and dark ground. */
export function chart({ title, unit, series }: Chart): string {
  const seconds = Math.max(2, ...series.map(({ values }) => values.length));
  const top = ceiling(Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0))));
  const x = (second: number): number => LEFT + (second / (seconds - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const grid = Array.from({ length: LINES + 1 }, (_, i) => {
    const value = (top / LINES) * i;
    return `<path class="grid" d="M${LEFT} ${y(value).toFixed(1)}H${WIDTH - RIGHT}"/><text x="${LEFT - 8}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${shown(value)}</text>`;
  });
  const marks = Array.from({ length: 7 }, (_, i) => Math.round(((seconds - 1) / 6) * i)).map(
    (second) => `<text x="${x(second).toFixed(1)}" y="${HEIGHT - 10}" text-anchor="middle">${second} s</text>`,
  );
  const lines = series.map(({ values }, i) => {
    let open = false;
    const path = values.map((value, second) => {
      if (value === null) {
        open = false;
        return '';
      }
      const step = `${open ? 'L' : 'M'}${x(second).toFixed(1)} ${y(value).toFixed(1)}`;
      open = true;
      return step;
    });
    return `<path class="line" stroke="${COLOURS[i % COLOURS.length]}" d="${path.join('')}"/>`;
  });
  let at = LEFT;
  const legend = series.map(({ name }, i) => {
    const item = `<rect x="${at}" y="26" width="10" height="10" rx="2" fill="${COLOURS[i % COLOURS.length]}"/><text x="${at + 14}" y="35">${escaped(name)}</text>`;
    at += 30 + name.length * 7;
    return item;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">`,
    '<style>text{font:12px system-ui,sans-serif;fill:#777}.title{font-weight:600;font-size:14px}.grid{stroke:#8884;stroke-width:1}.line{fill:none;stroke-width:2;stroke-linejoin:round}</style>',
    `<text class="title" x="${LEFT}" y="18">${escaped(title)} (${escaped(unit)})</text>`,
    ...grid,
    ...marks,
    ...lines,
    ...legend,
    '</svg>',
  ].join('\n');
}
