import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { binary, TOOLS } from './binaries.ts';
import { build } from './build.ts';
import { check } from './check.ts';
import { kafkaJars } from './kafka-jars.ts';
import { HOME, inRoot } from './paths.ts';
import { step, toTerminal as say } from './report.ts';
import { run } from './run.ts';

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numFailedTestSuites: number;
}

/**
 * `npm test`: installs what the tests need, checks the code, runs every suite, and ends with how many passed and
 * failed. `npm test e2e` runs one suite: unit, integration, e2e, cluster or faults.
 */
export async function test([only]: string[]): Promise<void> {
  const { mariadb, redis, haproxy, chromium, java, compose } = TOOLS;
  for (const tool of [mariadb, redis, haproxy, chromium, java, compose]) await binary(tool, say);
  await kafkaJars(say);
  await build(say);
  let failed = 0;
  if (only === undefined) {
    await check().catch((error: unknown) => {
      failed++;
      say(error instanceof Error ? error.message : String(error));
    });
  }
  const report = join(HOME, 'vitest.json');
  mkdirSync(HOME, { recursive: true });
  rmSync(report, { force: true });
  const projects = only === undefined ? [] : ['--project', only];
  await step(say, 'tests', () =>
    run('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...projects], {
      cwd: inRoot(),
      inherit: true,
    }),
  );
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(
    readFileSync(report, 'utf8'),
  ) as VitestReport;
  failed += numFailedTests === 0 && numFailedTestSuites > 0 ? numFailedTestSuites : numFailedTests;
  say(`\n${numPassedTests} passed, ${failed} failed`);
  if (failed > 0 || numPassedTests === 0) process.exitCode = 1;
}
