export { InternalModule } from './internal.module.js';
export { NodeState } from './node-state.js';
