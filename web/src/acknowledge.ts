// One tap acknowledges, and can be taken back for five seconds.
//
// The tap is answered at once, but sent only when the five seconds are over. An acknowledgement is a signed statement
// in an append-only ledger and stops the escalation: the server has nothing to undo it with, and should not. So the
// undo must lie before the sending. If the phone dies within those seconds the alarm stays unacknowledged and goes on
// to the next person, which is the safe way to fail. Leaving the app or locking the phone sends at once.
//
// Without a network it is kept on the phone with the time of the act, visibly, and is sent when the line is back, even
// if the app was closed meanwhile. The server refuses it where the alarm has come again since: of that nobody had heard.
import { api } from './api';
import { now } from './clock';
import * as kept from './kept';
import { onLive } from './live';
import { failureOf, isPassing, type Failure } from './problem';
import { amend, touch } from './resource';
import { beforeLogOut, session } from './session';
import type { Alarm } from './shapes';
import { createStore } from './store';

export const UNDO_MS = 5000;
const AGAIN_MS = 30_000;

/** An acknowledgement as it is kept on the phone; the service worker writes the same. */
export interface Act {
  readonly alarm_id: number;
  /** When it was tapped. */
  readonly acted_at: string;
  /** Who was signed in; null where the button of a notification was pressed. */
  readonly person_id: number | null;
  /** Of the notification, which stands for the person. */
  readonly token: string | null;
}

export type Pending =
  | { readonly phase: 'waiting'; readonly until: number }
  | { readonly phase: 'sending'; readonly act: Act }
  | { readonly phase: 'unsent'; readonly act: Act }
  | { readonly phase: 'failed'; readonly failure: Failure };

export type Pendings = ReadonlyMap<number, Pending>;

export type Step =
  | { readonly kind: 'begin'; readonly id: number; readonly until: number }
  | { readonly kind: 'undo'; readonly id: number }
  | { readonly kind: 'send'; readonly id: number; readonly act: Act }
  /** Found on the phone: kept by an earlier page, or by the service worker. */
  | { readonly kind: 'found'; readonly id: number; readonly act: Act }
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
      return pending === undefined || pending.phase === 'sending' ? pendings : put(pendings, step.id, { phase: 'sending', act: step.act });
    case 'found':
      return pending === undefined ? put(pendings, step.id, { phase: 'unsent', act: step.act }) : pendings;
    case 'done':
      return pending === undefined ? pendings : without(pendings, step.id);
    case 'failed':
      if (pending?.phase !== 'sending') return pendings;
      return put(pendings, step.id, isPassing(step.failure) ? { phase: 'unsent', act: pending.act } : { phase: 'failed', failure: step.failure });
    case 'dismiss':
      return pending?.phase === 'failed' ? without(pendings, step.id) : pendings;
  }
}

export const pendings = createStore<Pendings>(new Map());

const timers = new Map<number, ReturnType<typeof setTimeout>>();
let again: ReturnType<typeof setTimeout> | undefined;

export function acknowledge(id: number): void {
  if (!take({ kind: 'begin', id, until: Date.now() + UNDO_MS })) return;
  timers.set(id, setTimeout(() => void send(id), UNDO_MS));
}

/** True if it could still be taken back. */
export function undo(id: number): boolean {
  clearTimeout(timers.get(id));
  const pending = pendings.get().get(id);
  if (pending?.phase === 'unsent') void forget(pending.act);
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

/** Call once: sends what waits when the app or the person leaves, and what is unsent when the app or the line is back. */
export function watchAcknowledgements(): void {
  document.addEventListener('visibilitychange', () => void (document.visibilityState === 'hidden' ? flushAcknowledgements() : resend()));
  window.addEventListener('pagehide', () => void flushAcknowledgements());
  window.addEventListener('online', () => void resend());
  beforeLogOut(flushAcknowledgements);
  onLive((event) => {
    if (event === null) void resend();
  });
  let before: number | null = null;
  session.subscribe(() => {
    const person = signedIn();
    if (person === before) return;
    before = person;
    // What another person acknowledged waits until that one is back.
    if (person === null) pendings.set(new Map());
    else void resend();
  });
}

function signedIn(): number | null {
  const state = session.get();
  return state.phase === 'in' ? state.person.id : null;
}

async function resend(): Promise<void> {
  clearTimeout(again);
  if (signedIn() === null) return;
  for (const act of await kept.all<Act>('acknowledgements').catch(unkept)) {
    if (act.token !== null || act.person_id === signedIn()) take({ kind: 'found', id: act.alarm_id, act });
  }
  const unsent = [...pendings.get()].filter(([, pending]) => pending.phase === 'unsent');
  await Promise.all(unsent.map(([id]) => send(id)));
}

async function send(id: number, leaving = false): Promise<void> {
  clearTimeout(timers.get(id));
  timers.delete(id);
  const pending = pendings.get().get(id);
  if (pending === undefined) return;
  const act = pending.phase === 'unsent' ? pending.act : newAct(id, pending);
  if (!take({ kind: 'send', id, act })) return;
  // Asked before it is kept: a page that is being left has no time for both.
  const answer = deliver(act, leaving);
  const stored = pending.phase === 'unsent' ? undefined : kept.put('acknowledgements', keyOf(act), act).catch(unkept);
  try {
    await answer;
    take({ kind: 'done', id });
  } catch (error) {
    const failure = failureOf(error);
    take({ kind: 'failed', id, failure });
    if (isPassing(failure)) {
      again = setTimeout(() => void resend(), AGAIN_MS);
      return;
    }
  }
  await stored;
  await forget(act);
}

/** The time of the act is that of the tap, not of the end of the five seconds. */
function newAct(id: number, pending: Pending): Act {
  const tapped = pending.phase === 'waiting' ? now() - UNDO_MS + Math.max(0, pending.until - Date.now()) : now();
  return { alarm_id: id, acted_at: new Date(tapped).toISOString(), person_id: signedIn(), token: null };
}

async function deliver(act: Act, leaving: boolean): Promise<void> {
  const id = act.alarm_id;
  if (act.token === null) {
    const alarm = await api.acknowledge(id, act.acted_at, leaving);
    amend<Alarm>(`alarms/${id}`, () => alarm);
    amend<Alarm[]>('alarms', (alarms) => alarms.map((each) => (each.id === id ? alarm : each)).filter((each) => each.state !== 'cleared'));
  } else {
    await api.acknowledgeMessage(act.token, act.acted_at);
    for (const name of ['alarms', `alarms/${id}`]) touch(name);
  }
  touch(`alarms/${id}/ledger`);
}

const keyOf = (act: Act): string => act.token ?? `alarm ${act.alarm_id}`;

const forget = (act: Act): Promise<unknown> => kept.remove('acknowledgements', keyOf(act)).catch(unkept);

// A browser that keeps nothing (a private window) still sends.
function unkept(reason: unknown): never[] {
  console.warn('acknowledgement not kept', reason);
  return [];
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
