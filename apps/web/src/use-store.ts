import type { Store } from '@maru/client';
import { useSyncExternalStore } from 'react';

export const useStore = <State>(store: Store<State>): State =>
  useSyncExternalStore(store.subscribe, store.get, store.get);
