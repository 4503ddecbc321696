export { GrpcLink } from './grpc-link.js';
export { NodeDirectory } from './node-directory.js';
export { RedisLink } from './redis-link.js';
export { Relay, type MineSignal, type Signal } from './relay.js';
