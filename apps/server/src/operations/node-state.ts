/** starting -> ready -> draining. Only the node's own state: a dependency that goes away changes nothing here. */
export class NodeState {
  current: 'starting' | 'ready' | 'draining' = 'starting';
  /** Asks each dependency whether it answers; filled once the chat has started. */
  dependencies: Record<string, () => Promise<boolean>> = {};
  /** Sockets of every node that answers, this one first. */
  sockets: () => Promise<number[]> = async () => [];

  constructor(readonly name: string) {}
}
