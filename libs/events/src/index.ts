export { createEventStream, type EventStreamOptions } from './create-event-stream.js';
export { EventConsumer, type EventHandler } from './event-consumer.js';
export { type DomainEvent, eventMap, type EventMap, type EventName } from './event-map.js';
export { EventPublisher } from './event-publisher.js';
export { EventListener, EventServer } from './event-server.js';
export type { Backlog, EventStream, NewEntry, StreamEntry } from './event-stream.js';
export { KafkaEventStream } from './kafka-event-stream.js';
export { RedisEventStream } from './redis-event-stream.js';
