import {
  Admin,
  type BaseOptions,
  ConfigResourceTypes,
  findErrorBy,
  IncrementalAlterConfigOperationTypes,
  ListOffsetTimestamps,
} from '@platformatic/kafka';
import type { Backlog } from './event-stream.js';

/** As many consumers share the work at most. */
const PARTITIONS = 8;
const SET_ASIDE_KEPT_MS = 30 * 24 * 3_600_000;

/** The topics of one stream and its group of consumers: makes them, and knows how far the group has read. */
export class KafkaTopics {
  readonly events: string;
  readonly setAside: string;
  readonly group: string;
  private readonly admin: Admin;

  constructor(
    name: string,
    private readonly keptMs: number,
    client: BaseOptions,
  ) {
    this.events = `maru.${name}`;
    this.setAside = `maru.${name}.set-aside`;
    this.group = `maru.${name}`;
    this.admin = new Admin({ ...client, retries: 0 });
  }

  async make(): Promise<void> {
    await this.makeTopic(this.events, PARTITIONS, this.keptMs);
    await this.makeTopic(this.setAside, 1, SET_ASIDE_KEPT_MS);
  }

  /** What was appended since the last commit is unread; what of it is not there any more was trimmed. */
  async backlog(): Promise<Backlog> {
    const first = await this.offsets(ListOffsetTimestamps.EARLIEST);
    const end = await this.offsets(ListOffsetTimestamps.LATEST);
    const [group] = await this.admin.listConsumerGroupOffsets({ groups: [this.group] });
    const committed = new Map<number, bigint>();
    for (const { name, partitions } of group?.topics ?? []) {
      if (name !== this.events) continue;
      for (const { partitionIndex, committedOffset } of partitions) committed.set(partitionIndex, committedOffset);
    }
    const backlog = { unread: 0, lost: 0 };
    for (const [partition, last] of end) {
      const from = first.get(partition) ?? 0n;
      const noted = committed.get(partition) ?? -1n;
      const read = noted < 0n ? from : noted;
      backlog.unread += Number(last > read ? last - read : 0n);
      backlog.lost += Number(from > read ? from - read : 0n);
    }
    return backlog;
  }

  async close(): Promise<void> {
    await this.admin.close();
  }

  /** One that is there gets the time that its entries are kept: it may have been changed. */
  private async makeTopic(topic: string, partitions: number, keptMs: number): Promise<void> {
    const kept = { name: 'retention.ms', value: String(keptMs) };
    try {
      await this.admin.createTopics({ topics: [{ topic, partitions }], configs: [kept] });
    } catch (error) {
      if (findErrorBy(error as Error, 'apiId', 'TOPIC_ALREADY_EXISTS') === null) throw error;
      const configs = [{ ...kept, configOperation: IncrementalAlterConfigOperationTypes.SET }];
      const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: topic, configs };
      await this.admin.incrementalAlterConfigs({ resources: [resource] });
    }
  }

  private async offsets(timestamp: bigint): Promise<Map<number, bigint>> {
    const partitions = Array.from({ length: PARTITIONS }, (_, partitionIndex) => ({ partitionIndex, timestamp }));
    const topics = await this.admin.listOffsets({ topics: [{ name: this.events, partitions }] });
    return new Map(topics[0]?.partitions.map(({ partitionIndex, offset }) => [partitionIndex, offset]));
  }
}
