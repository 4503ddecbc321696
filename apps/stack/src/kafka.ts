import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Binary } from './binaries.ts';
import { run } from './run.ts';
import { Service } from './service.ts';

export interface KafkaOptions {
  java: Binary;
  /** Holds the program's jars. */
  jars: string;
  folder: string;
  logFile: string;
  port: number;
  controllerPort: number;
}

/** Of the cluster; the data folder is formatted for it. */
const CLUSTER = 'maru-one-node-cluster0';
const MEMORY = ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

export const kafkaBroker = (port: number): string => `127.0.0.1:${port}`;

/** A private broker that is its own controller: one node, everything on disk. */
export async function kafka(options: KafkaOptions): Promise<Service> {
  const { java, jars, folder, logFile, port } = options;
  const data = join(folder, 'data');
  mkdirSync(folder, { recursive: true });
  const properties = join(folder, 'server.properties');
  writeFileSync(properties, serverProperties(options, data));
  const logging = join(folder, 'log4j2.properties');
  writeFileSync(logging, LOGGING);
  // the JVM expands the star itself
  const program = [...MEMORY, `-Dlog4j2.configurationFile=${logging}`, '-cp', join(jars, '*')];

  if (!existsSync(join(data, 'meta.properties'))) {
    const format = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER, '-c', properties, '--ignore-formatted'];
    const { code, output } = await run(java.path, [...program, ...format], { env: java.env });
    if (code !== 0) throw new Error(`Kafka could not make its data folder:\n${output}`);
  }
  return new Service({
    name: 'Kafka',
    command: java.path,
    args: [...program, 'kafka.Kafka', properties],
    env: java.env,
    logFile,
    answers: () => namesABroker(port),
  });
}

/** The short sessions and the missing delay let a broker that was killed, and its consumers, go on within seconds. */
const serverProperties = ({ port, controllerPort }: KafkaOptions, data: string): string =>
  [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    `log.dirs=${data}`,
    'auto.create.topics.enable=false',
    'default.replication.factor=1',
    'min.insync.replicas=1',
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=1',
    'group.initial.rebalance.delay.ms=0',
    'broker.session.timeout.ms=2000',
    'broker.heartbeat.interval.ms=500',
    'log.cleaner.dedupe.buffer.size=2097152',
    'num.network.threads=2',
    'num.io.threads=2',
    '',
  ].join('\n');

const LOGGING = `rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %m (%c{1})%n%throwable
`;

/** A Metadata request of version 0 for every topic: length, what, version, number, no client's name, no names. */
const METADATA = Buffer.from('0000000e 0003 0000 00000001 ffff 00000000'.replaceAll(' ', ''), 'hex');
/** Where its answer says how many brokers there are: after the length and the number. */
const BROKERS_AT = 8;

function namesABroker(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(METADATA));
    let answer = Buffer.alloc(0);
    const done = (up: boolean): void => {
      socket.destroy();
      resolve(up);
    };
    socket.setTimeout(1_000, () => done(false));
    socket.on('error', () => done(false));
    socket.on('close', () => done(false));
    socket.on('data', (part) => {
      answer = Buffer.concat([answer, part]);
      if (answer.length >= BROKERS_AT + 4) done(answer.readInt32BE(BROKERS_AT) > 0);
    });
  });
}
