export type Schedule = (notify: () => void) => void;

/**
 * State that can be watched. `update` replaces it at once; watchers hear of any number of updates once, when
 * `schedule` says so (in a browser: with the next frame).
 */
export class Store<State> {
  private readonly listeners = new Set<() => void>();
  private scheduled = false;

  constructor(
    private state: State,
    private readonly schedule: Schedule,
  ) {}

  readonly get = (): State => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  update(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    if (this.scheduled) return;
    this.scheduled = true;
    this.schedule(() => {
      this.scheduled = false;
      for (const listener of this.listeners) listener();
    });
  }
}

/** With the next frame where there are frames and somebody looks, else as soon as possible. */
export const nextFrame: Schedule = (notify) => {
  const page = globalThis as { document?: { hidden: boolean }; requestAnimationFrame?: (callback: () => void) => void };
  if (page.requestAnimationFrame !== undefined && page.document?.hidden === false) page.requestAnimationFrame(notify);
  else setTimeout(notify, 0);
};
