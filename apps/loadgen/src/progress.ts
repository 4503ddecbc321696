const EVERY_MS = 10_000;

/** Shows where a run is: one line that is written over on a terminal, one line every ten seconds in a log. */
export function progress(): (line: string) => void {
  let shownAt = -EVERY_MS;
  return (line) => {
    if (process.stderr.isTTY) return void process.stderr.write(`\r\u001B[K${line}`);
    if (line === '' || performance.now() - shownAt < EVERY_MS) return;
    shownAt = performance.now();
    process.stderr.write(`  ${line}\n`);
  };
}
