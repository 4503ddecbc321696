export { binary, TOOLS } from './binaries.ts';
export { NODE_OPTIONS } from './chat-node.ts';
export { HOME } from './paths.ts';
export { Service } from './service.ts';
export { startTopology, type Topology, type TopologyOptions } from './topology.ts';
