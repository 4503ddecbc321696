export {
  ChatError,
  type Entry,
  type MessageId,
  type Person,
  type Presence,
  type RoomId,
  type UserId,
} from '@maru/contract';
export { type ConnectionState } from './connection.js';
export { MaruClient, type MaruClientOptions } from './maru-client.js';
export { IndexedDbOutbox } from './indexed-db-outbox.js';
export type { OutgoingMessage } from './outbox.js';
export type { KeptMessage, OutboxStore } from './outbox-store.js';
export { type Pending, withPending } from './pending-changes.js';
export {
  callRoute,
  type OperationRequest,
  type RouteName,
  type RouteRequest,
  type RouteResponse,
} from './rest-client.js';
export type { RoomListState } from './room-list.js';
export type { RoomState } from './room-state.js';
export { RoomView } from './room-view.js';
export type { SessionState } from './session-keeper.js';
export { Store, type Schedule } from './store.js';
export { messageAt, type Timeline } from './timeline.js';
