import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../../app/tokens.css', import.meta.url), 'utf8');

/** Text on ground, as the page uses them. */
const PAIRS = [
  ['ink', 'ground'],
  ['ink', 'panel'],
  ['ink', 'mine'],
  ['ink', 'theirs'],
  ['quiet', 'ground'],
  ['quiet', 'panel'],
  ['quiet', 'theirs'],
  ['wood', 'ground'],
  ['wood', 'panel'],
  ['on-wood', 'wood'],
  ['pine', 'ground'],
  ['persimmon', 'ground'],
  ['ground', 'persimmon'],
  ['ink', 'line'],
] as const;

function tokens(theme: string): Map<string, number> {
  const block = new RegExp(`\\[data-theme='${theme}'\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? '';
  const colours = block.matchAll(/--([\w-]+): oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g);
  return new Map([...colours].map(([, name = '', l, c, h]) => [name, luminance(Number(l), Number(c), Number(h))]));
}

/** Relative luminance (WCAG 2) of an OKLCH colour, by Björn Ottosson's matrices. */
function luminance(l: number, c: number, h: number): number {
  const [a, b] = [c * Math.cos((h * Math.PI) / 180), c * Math.sin((h * Math.PI) / 180)];
  const cube = (x: number): number => x ** 3;
  const L = cube(l + 0.3963377774 * a + 0.2158037573 * b);
  const M = cube(l - 0.1055613458 * a - 0.0638541728 * b);
  const S = cube(l - 0.0894841775 * a - 1.291485548 * b);
  const rgb = [
    4.0767416621 * L - 3.3077115913 * M + 0.2309699292 * S,
    -1.2684380046 * L + 2.6097574011 * M - 0.3413193965 * S,
    -0.0041960863 * L - 0.7034186147 * M + 1.707614701 * S,
  ].map((x) => Math.min(Math.max(x, 0), 1));
  const [red = 0, green = 0, blue = 0] = rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe.each(['light', 'dark'])('%s', (theme) => {
  const colours = tokens(theme);
  it.each(PAIRS)('[W4] %s on %s has AA contrast', (text, ground) => {
    const [x = 0, y = 0] = [colours.get(text), colours.get(ground)].map((value) => value ?? Number.NaN);
    expect((Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)).toBeGreaterThanOrEqual(4.5);
  });
});
