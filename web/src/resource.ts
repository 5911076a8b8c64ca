// What the app has read from the API, kept by name: shown at once when a screen opens again, read anew when something
// happened that concerns it, when the line was down, and from time to time.
import { useEffect, useState } from 'preact/hooks';
import { now } from './clock';
import * as kept from './kept';
import type { Kept } from './kept';
import { onLive } from './live';
import { failureOf, type Failure } from './problem';
import type { LiveEvent } from './shapes';
import { createStore, useStore, type Store } from './store';

/** Where a piece of data comes from. Two sources with the same `name` are the same data. */
export interface Source<T> {
  readonly name: string;
  load(signal: AbortSignal): Promise<T>;
  /** Whether `event` may have changed this data. */
  concerns?(event: LiveEvent): boolean;
  /** Read anew after this long while somebody looks, in ms. */
  readonly everyMs?: number;
  /** Stays on this phone: where there is no network it is shown as it was read last. */
  readonly keep?: boolean;
}

export interface Snapshot<T> {
  readonly data: T | undefined;
  /** Why the last attempt failed; the data may still be there, as of `at`. */
  readonly failure: Failure | undefined;
  readonly loading: boolean;
  /** When the data was read, in ms since 1970. */
  readonly at: number | undefined;
}

export interface Resource<T> extends Snapshot<T> {
  reload(): void;
}

// Several events of one incident come within a moment: one reading answers them all.
const SETTLE_MS = 150;
const FRESH_MS = 1000;
const KEPT = 60;
const NOTHING: Snapshot<never> = { data: undefined, failure: undefined, loading: true, at: undefined };

class Entry<T> {
  readonly store: Store<Snapshot<T>> = createStore<Snapshot<T>>(NOTHING);
  watchers = 0;
  private running: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(public source: Source<T>) {}

  async load(): Promise<void> {
    clearTimeout(this.timer);
    this.running?.abort();
    const own = new AbortController();
    this.running = own;
    this.store.set({ ...this.store.get(), loading: true });
    try {
      const data = await this.source.load(own.signal);
      if (this.running !== own) return;
      const at = now();
      this.store.set({ data, failure: undefined, loading: false, at });
      // A phone that keeps nothing (private browsing, no room) still shows what there is.
      if (this.source.keep === true) await kept.put('answers', this.source.name, { value: data, at, old: false } satisfies Kept<T>).catch(() => undefined);
    } catch (error) {
      if (this.running !== own) return;
      const failure = failureOf(error);
      const before = failure.kind === 'unreachable' ? await this.before() : undefined;
      if (this.running === own) this.store.set({ ...this.store.get(), ...before, failure, loading: false });
    } finally {
      if (this.running === own) this.running = undefined;
      if (this.watchers > 0 && this.source.everyMs !== undefined) this.plan(this.source.everyMs);
    }
  }

  /** What this phone has kept, where the page itself has read nothing yet. */
  private async before(): Promise<Pick<Snapshot<T>, 'data' | 'at'> | undefined> {
    if (this.source.keep !== true || this.store.get().data !== undefined) return undefined;
    const found = await kept.get<Kept<T>>('answers', this.source.name).catch(() => undefined);
    return found === undefined ? undefined : { data: found.value, at: found.at };
  }

  /** Somebody new looks: several parts of one screen ask for the same within a moment, and are answered together. */
  look(): void {
    this.watchers += 1;
    const { at, failure } = this.store.get();
    if (this.running !== undefined) return;
    if (at === undefined || failure !== undefined || now() - at > FRESH_MS) void this.load();
    else if (this.source.everyMs !== undefined) this.plan(this.source.everyMs);
  }

  leave(): void {
    this.watchers -= 1;
    if (this.watchers === 0) this.rest();
  }

  soon(): void {
    this.plan(SETTLE_MS);
  }

  rest(): void {
    clearTimeout(this.timer);
  }

  /** What is still on its way is nobody's any more. */
  drop(): void {
    this.rest();
    this.running?.abort();
    this.running = undefined;
  }

  private plan(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (document.visibilityState === 'visible') void this.load();
      else this.plan(ms);
    }, ms);
  }
}

const entries = new Map<string, Entry<unknown>>();

onLive((event) => {
  for (const entry of entries.values()) {
    if (event !== null && entry.source.concerns?.(event) !== true) continue;
    if (entry.watchers > 0) entry.soon();
    else forget(entry.source.name);
  }
});

/** Drop everything, so that the next person on this phone sees nothing of the last one's. */
export function forgetAll(): void {
  for (const entry of entries.values()) entry.drop();
  entries.clear();
}

/** Change what is kept, after the server has confirmed it elsewhere. */
export function amend<T>(name: string, change: (data: T) => T): void {
  const entry = entries.get(name) as Entry<T> | undefined;
  const snapshot = entry?.store.get();
  if (entry === undefined || snapshot?.data === undefined) return;
  entry.store.set({ ...snapshot, data: change(snapshot.data) });
}

/** Read `name` anew if somebody looks at it, else the next time somebody does. */
export function touch(name: string): void {
  const entry = entries.get(name);
  if (entry === undefined) return;
  if (entry.watchers > 0) void entry.load();
  else forget(name);
}

/** The data of `source`, drawn again when it changes. A null source is nothing to read yet. */
export function useResource<T>(source: Source<T> | null): Resource<T> {
  const [idle] = useState(() => createStore<Snapshot<T>>(NOTHING));
  const entry = source === null ? null : entryOf(source);
  const snapshot = useStore(entry?.store ?? idle);
  // By the entry, not its name: an event between drawing and looking drops it, and what is drawn next is another one.
  useEffect(() => {
    if (entry === null) return undefined;
    entry.look();
    return () => entry.leave();
  }, [entry]);
  return { ...snapshot, reload: () => void entry?.load() };
}

function entryOf<T>(source: Source<T>): Entry<T> {
  const found = entries.get(source.name) as Entry<T> | undefined;
  if (found !== undefined) {
    found.source = source;
    return found;
  }
  if (entries.size >= KEPT) {
    for (const [name, entry] of entries) {
      if (entry.watchers === 0) {
        forget(name);
        break;
      }
    }
  }
  const made = new Entry(source);
  entries.set(source.name, made as Entry<unknown>);
  return made;
}

function forget(name: string): void {
  entries.get(name)?.rest();
  entries.delete(name);
}
