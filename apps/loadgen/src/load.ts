export const say = (line: string): void => void process.stdout.write(`${line}\n`);
/** A measurement lasts so long. */
export const lasts = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

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
