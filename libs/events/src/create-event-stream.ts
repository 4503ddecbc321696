import type { Logger } from '@maru/observability';
import type { EventStream } from './event-stream.js';
import { KafkaEventStream, type KafkaStreamOptions } from './kafka-event-stream.js';
import { RedisEventStream, type RedisStreamOptions } from './redis-event-stream.js';

export type EventStreamOptions =
  ({ driver: 'redis' } & RedisStreamOptions) | ({ driver: 'kafka' } & KafkaStreamOptions);

export const createEventStream = (options: EventStreamOptions, logger: Logger): EventStream =>
  options.driver === 'kafka' ? new KafkaEventStream(options, logger) : new RedisEventStream(options, logger);
