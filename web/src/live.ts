// The line on which the server tells what happens: opened once for the whole app, kept open, opened again when lost.
import { BASE } from './api';
import { now } from './clock';
import { connecting, next, SILENCE_MS, type Connection, type Happening } from './connection';
import { EventParser } from './event-stream';
import type { LiveEvent } from './shapes';
import { createStore } from './store';

export const connection = createStore<Connection>(connecting(0));

/** Something happened (an event), or anything may have (null: the line was down and is back). */
type Listener = (event: LiveEvent | null) => void;

const listeners = new Set<Listener>();
let ended: () => void = () => undefined;
let running: AbortController | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
let lastId: string | null = null;

export function onLive(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** `sessionEnded` is called when the server refuses the line because nobody is logged in. */
export function startLive(sessionEnded: () => void): void {
  ended = sessionEnded;
  connection.set(connecting(now()));
  window.addEventListener('online', reconnect);
  window.addEventListener('offline', giveUp);
  document.addEventListener('visibilitychange', wake);
  void run();
}

export function stopLive(): void {
  window.removeEventListener('online', reconnect);
  window.removeEventListener('offline', giveUp);
  document.removeEventListener('visibilitychange', wake);
  clearTimeout(retry);
  running?.abort();
  running = undefined;
  lastId = null;
}

/** Try now instead of after the wait. */
export function reconnect(): void {
  if (connection.get().phase === 'live') return;
  clearTimeout(retry);
  void run();
}

// The system says that the network is gone: no need to wait until silence proves it.
function giveUp(): void {
  running?.abort();
}

// A phone that slept has a line that looks open; only bytes prove it.
function wake(): void {
  const state = connection.get();
  if (document.visibilityState !== 'visible') return;
  if (state.phase === 'live' && now() - state.heardAt > SILENCE_MS) running?.abort();
  else reconnect();
}

function happened(happening: Happening): void {
  connection.set(next(connection.get(), happening));
}

async function run(): Promise<void> {
  running?.abort();
  const own = new AbortController();
  running = own;
  const outcome = await listen(own);
  if (running !== own) return; // stopped, or another attempt took over
  if (outcome === 'refused') {
    ended();
    return;
  }
  happened({ kind: 'lost', at: now(), chance: Math.random() });
  const state = connection.get();
  if (state.phase === 'offline') retry = setTimeout(() => void run(), Math.max(0, state.retryAt - now()));
}

async function listen(own: AbortController): Promise<'lost' | 'refused'> {
  let silence = setTimeout(() => own.abort(), SILENCE_MS);
  try {
    const answer = await fetch(`${BASE}/events`, {
      headers: { Accept: 'text/event-stream', ...(lastId === null ? {} : { 'Last-Event-ID': lastId }) },
      credentials: 'same-origin',
      cache: 'no-store',
      signal: own.signal,
    });
    if (answer.status === 401) return 'refused';
    if (!answer.ok || answer.body === null) return 'lost';
    const again = connection.get().phase === 'offline';
    happened({ kind: 'opened', at: now() });
    if (again) tell(null);
    const parser = new EventParser();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return 'lost';
      clearTimeout(silence);
      silence = setTimeout(() => own.abort(), SILENCE_MS);
      happened({ kind: 'heard', at: now() });
      for (const event of parser.push(value)) {
        // Too far behind to be told one by one: everything is read anew.
        if (event.kind === 'reset') tell(null);
        else tell(liveEvent(event.data));
      }
      lastId = parser.lastId ?? lastId;
    }
  } catch {
    return 'lost'; // aborted by silence, or the network went away
  } finally {
    clearTimeout(silence);
  }
}

function tell(event: LiveEvent | null): void {
  for (const listener of [...listeners]) listener(event);
}

function liveEvent(data: string): LiveEvent | null {
  try {
    const body = JSON.parse(data) as LiveEvent;
    return typeof body.kind === 'string' ? body : null;
  } catch {
    return null; // something happened that this version cannot read
  }
}
