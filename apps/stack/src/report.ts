/** A failure that a person can mend: its message says what to type. Printed without a stack. */
export class Advice extends Error {}

export type Report = (line: string) => void;

export const toTerminal: Report = (line) => void process.stdout.write(`${line}\n`);

const seconds = (since: number): string => `${((performance.now() - since) / 1_000).toFixed(1)} s`;

/** Says what is being done, and how long it took. */
export async function step<T>(report: Report, name: string, work: () => Promise<T>): Promise<T> {
  const since = performance.now();
  report(`  … ${name}`);
  const result = await work();
  report(`  ✔ ${name} (${seconds(since)})`);
  return result;
}
