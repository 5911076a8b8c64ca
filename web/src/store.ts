import { useEffect, useState } from 'preact/hooks';

/** One value that several screens watch. Setting the same value again wakes nobody. */
export interface Store<T> {
  get(): T;
  set(next: T): void;
  subscribe(listener: () => void): () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<T>(store: Store<T>): T {
  const [, wake] = useState(0);
  const drawn = store.get();
  useEffect(() => {
    const stop = store.subscribe(() => wake((count) => count + 1));
    // What changed between this drawing and now woke nobody: effects run after the screen is painted.
    if (!Object.is(drawn, store.get())) wake((count) => count + 1);
    return stop;
  }, [store]);
  return drawn;
}
