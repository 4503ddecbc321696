/** starting -> ready -> draining. Only the node's own state: a dependency that goes away changes nothing here. */
export class NodeState {
  current: 'starting' | 'ready' | 'draining' = 'starting';
}
