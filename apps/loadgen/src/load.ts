export const say = (line: string): void => void process.stdout.write(`${line}\n`);
/** A measurement lasts so long. */
export const lasts = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** By nearest rank: the smallest of them that so large a share does not exceed. */
export const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;

/** The middle one, or halfway between the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/** The same names with other values. */
export const mapped = <From, To>(
  record: Readonly<Record<string, From>>,
  each: (value: From, name: string) => To,
): Record<string, To> => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, each(value, name)]));

/** Percent of a core by process, to be read. */
export const cpuText = (cpu: Readonly<Record<string, number>>): string =>
  Object.entries(cpu)
    .map(([name, share]) => `${name} ${share}`)
    .join(', ');
