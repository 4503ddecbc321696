import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, TOOLS } from './binaries.ts';
import { HOME } from './paths.ts';
import { Advice, type Report, step } from './report.ts';
import { run } from './run.ts';

const VERSION = '4.3.1';
const LOG4J = '2.25.4';
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const FOLDER = join(HOME, 'engines', `kafka-${VERSION}`);

const pom = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>maru</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-slf4j-impl</artifactId>
      <version>${LOG4J}</version>
    </dependency>
  </dependencies>
</project>
`;

/** The folder with the broker's jars; the first time they are fetched from Maven Central. */
export async function kafkaJars(report: Report): Promise<string> {
  if (existsSync(FOLDER)) return FOLDER;
  const maven = await binary(TOOLS.maven, report);
  await step(report, `fetching Kafka ${VERSION}`, () => fetchJars(maven.path));
  return FOLDER;
}

/** Into a folder of its own first: one that has its name is a whole one. */
async function fetchJars(maven: string): Promise<void> {
  const making = `${FOLDER}.${process.pid}`;
  const log = join(HOME, 'logs', 'install.log');
  mkdirSync(making, { recursive: true });
  mkdirSync(join(HOME, 'logs'), { recursive: true });
  writeFileSync(join(making, 'pom.xml'), pom);
  const into = [`-Dmaven.repo.local=${join(making, 'repository')}`, `-DoutputDirectory=${join(making, 'jars')}`];
  const args = ['-B', '-q', '-ntp', '-C', '-f', join(making, 'pom.xml'), COPY, '-DincludeScope=runtime', ...into];
  try {
    const { code, output } = await run(maven, args, { log });
    if (code !== 0) {
      const said =
        output
          .trim()
          .split('\n')
          .find((line) => line.includes('ERROR')) ?? '';
      throw new Advice(
        `Kafka could not be fetched from Maven Central. Try again, or name brokers that run: KAFKA_BROKERS=host:9092 npm run up\n(maven said: ${said})`,
      );
    }
    if (!existsSync(FOLDER)) renameSync(join(making, 'jars'), FOLDER);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}
