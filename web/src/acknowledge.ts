// One tap acknowledges, and can be taken back for five seconds.
//
// The tap is answered at once, but sent only when the five seconds are over. An acknowledgement is a signed statement
// in an append-only ledger and stops the escalation: the server has nothing to undo it with, and should not. So the
// undo must lie before the sending. If the phone dies within those seconds the alarm stays unacknowledged and goes on
// to the next person, which is the safe way to fail. Leaving the app or locking the phone sends at once.
//
// Without a network it waits here, visibly, and is sent when the line is back. It is not kept over a restart of the
// app: an acknowledgement that arrives hours later would claim that somebody was looking.
import { api } from './api';
import { onLive } from './live';
import { failureOf, type Failure } from './problem';
import { amend, touch } from './resource';
import type { Alarm } from './shapes';
import { createStore } from './store';

export const UNDO_MS = 5000;

export type Pending =
  | { readonly phase: 'waiting'; readonly until: number }
  | { readonly phase: 'sending' }
  | { readonly phase: 'unsent' }
  | { readonly phase: 'failed'; readonly failure: Failure };

export type Pendings = ReadonlyMap<number, Pending>;

export type Step =
  | { readonly kind: 'begin'; readonly id: number; readonly until: number }
  | { readonly kind: 'undo'; readonly id: number }
  | { readonly kind: 'send'; readonly id: number }
  | { readonly kind: 'done'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure }
  | { readonly kind: 'dismiss'; readonly id: number };

/** What is pending after `step`; the same map where the step came too late or too early to mean anything. */
export function after(pendings: Pendings, step: Step): Pendings {
  const pending = pendings.get(step.id);
  switch (step.kind) {
    case 'begin':
      return pending === undefined || pending.phase === 'failed' ? put(pendings, step.id, { phase: 'waiting', until: step.until }) : pendings;
    case 'undo':
      // Once it is on its way nobody can tell whether it has arrived: too late.
      return pending?.phase === 'waiting' || pending?.phase === 'unsent' ? without(pendings, step.id) : pendings;
    case 'send':
      return pending === undefined || pending.phase === 'sending' ? pendings : put(pendings, step.id, { phase: 'sending' });
    case 'done':
      return pending === undefined ? pendings : without(pendings, step.id);
    case 'failed':
      if (pending?.phase !== 'sending') return pendings;
      return put(pendings, step.id, step.failure.kind === 'unreachable' ? { phase: 'unsent' } : { phase: 'failed', failure: step.failure });
    case 'dismiss':
      return pending?.phase === 'failed' ? without(pendings, step.id) : pendings;
  }
}

export const pendings = createStore<Pendings>(new Map());

const timers = new Map<number, ReturnType<typeof setTimeout>>();

export function acknowledge(id: number): void {
  if (!take({ kind: 'begin', id, until: Date.now() + UNDO_MS })) return;
  timers.set(id, setTimeout(() => void send(id), UNDO_MS));
}

/** True if it could still be taken back. */
export function undo(id: number): boolean {
  clearTimeout(timers.get(id));
  return take({ kind: 'undo', id });
}

export function retry(id: number): void {
  void send(id);
}

export function dismiss(id: number): void {
  take({ kind: 'dismiss', id });
}

export function unsentCount(all: Pendings): number {
  return [...all.values()].filter((pending) => pending.phase === 'unsent').length;
}

/** Send now all that waits for its five seconds. */
export async function flushAcknowledgements(): Promise<void> {
  const waiting = [...pendings.get()].filter(([, pending]) => pending.phase === 'waiting');
  await Promise.all(waiting.map(([id]) => send(id, true)));
}

/** Call once: sends what waits when the app is left, and what is unsent when the line is back. */
export function watchForLeaving(): void {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void flushAcknowledgements();
  });
  window.addEventListener('pagehide', () => void flushAcknowledgements());
}

onLive((event) => {
  if (event !== null) return;
  for (const [id, pending] of pendings.get()) if (pending.phase === 'unsent') void send(id);
});

async function send(id: number, leaving = false): Promise<void> {
  clearTimeout(timers.get(id));
  timers.delete(id);
  if (!take({ kind: 'send', id })) return;
  try {
    const alarm = await api.acknowledge(id, leaving);
    amend<Alarm>(`alarms/${id}`, () => alarm);
    amend<Alarm[]>('alarms', (alarms) => alarms.map((each) => (each.id === id ? alarm : each)).filter((each) => each.state !== 'cleared'));
    touch(`alarms/${id}/ledger`);
    take({ kind: 'done', id });
  } catch (error) {
    take({ kind: 'failed', id, failure: failureOf(error) });
  }
}

function take(step: Step): boolean {
  const before = pendings.get();
  const now = after(before, step);
  pendings.set(now);
  return now !== before;
}

function put(pendings: Pendings, id: number, pending: Pending): Pendings {
  return new Map(pendings).set(id, pending);
}

function without(pendings: Pendings, id: number): Pendings {
  const rest = new Map(pendings);
  rest.delete(id);
  return rest;
}
