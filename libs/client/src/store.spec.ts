import { describe, expect, it } from 'vitest';
import { Store } from './store.js';

describe('a store', () => {
  it('[W2] changes at once and tells its watchers once per frame, however much happened', () => {
    const frames: (() => void)[] = [];
    const store = new Store({ count: 0, name: 'x' }, (frame) => void frames.push(frame));
    let told = 0;
    const stop = store.subscribe(() => told++);
    for (let i = 1; i <= 200; i++) store.update({ count: i });
    expect(store.get()).toEqual({ count: 200, name: 'x' });
    expect([frames.length, told]).toEqual([1, 0]);
    frames.shift()?.();
    expect(told).toBe(1);
    store.update({ count: 0 });
    stop();
    frames.shift()?.();
    expect(told).toBe(1);
  });
});
