import { api, onLoggedOut } from './api';
import { startLive, stopLive } from './live';
import { choose } from './preferences';
import { RequestFailed, type Failure } from './problem';
import { forgetAnswers, get, put } from './kept';
import { forgetPush, renewPush } from './push';
import { forgetAll } from './resource';
import type { Locale, Person, Session } from './shapes';
import { createStore } from './store';

/** What a person may do here, as the API names it. */
export type Scope =
  | 'read:plant' | 'read:alarms' | 'read:tickets' | 'read:ingest' | 'read:rules' | 'read:tests' | 'read:costs'
  | 'read:people' | 'write:people' | 'write:duty' | 'write:plant' | 'write:alarms' | 'write:tickets' | 'write:rules' | 'write:tests';

export type SessionState =
  | { readonly phase: 'asking' }
  | { readonly phase: 'in'; readonly person: Person; readonly scopes: ReadonlySet<string> }
  | { readonly phase: 'out'; readonly expired: boolean }
  /** Whether somebody is logged in cannot be told: the server does not answer. */
  | { readonly phase: 'unreachable'; readonly failure: Failure; readonly since: number };

const KEPT = 'session';

export const session = createStore<SessionState>({ phase: 'asking' });

export function may(state: SessionState, scope: Scope): boolean {
  return state.phase === 'in' && state.scopes.has(scope);
}

/** Ask the server who is logged in: at the start, after a log-in, and again while it cannot be reached. */
export async function resume(): Promise<void> {
  try {
    const found = await api.session();
    enter(found);
    // So that a phone without a network still opens for its round.
    await put('answers', KEPT, found).catch(() => undefined);
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    const { failure } = error;
    if (failure.kind === 'refused' && failure.status === 401) {
      session.set({ phase: 'out', expired: false });
      return;
    }
    const known = failure.kind === 'unreachable' ? await get<Session>('answers', KEPT).catch(() => undefined) : undefined;
    if (known !== undefined) {
      enter(known);
      return;
    }
    const before = session.get();
    session.set({ phase: 'unreachable', failure, since: before.phase === 'unreachable' ? before.since : Date.now() });
  }
}

function enter({ person, scopes }: Session): void {
  session.set({ phase: 'in', person, scopes: new Set(scopes) });
  startLive(() => leave(true));
}

export async function logIn(username: string, password: string): Promise<void> {
  await api.logIn(username, password);
  // A browser that cannot say whether it rings keeps nobody out.
  await renewPush().catch((error: unknown) => console.warn('push', error));
  await resume();
}

/** Chosen on this phone at once, and told to the server, so that messages come in the same language. */
export async function chooseLocale(locale: Locale): Promise<void> {
  choose({ locale });
  if (session.get().phase !== 'in') return;
  const { person, scopes } = await api.changeLocale(locale);
  if (session.get().phase === 'in') session.set({ phase: 'in', person, scopes: new Set(scopes) });
}

const lastWords: (() => Promise<void>)[] = [];

/** `say` is done before somebody logs out: what a person did a moment ago must leave under that person's name. */
export function beforeLogOut(say: () => Promise<void>): void {
  lastWords.push(say);
}

export async function logOut(): Promise<void> {
  await Promise.all(lastWords.map((say) => say()));
  try {
    await api.logOut();
  } catch (error) {
    const gone = error instanceof RequestFailed && error.failure.kind === 'refused' && error.failure.status === 401;
    if (!gone) throw error;
  }
  await forgetPush().catch((error: unknown) => console.warn('push', error));
  leave(false);
}

function leave(expired: boolean): void {
  stopLive();
  forgetAll();
  void forgetAnswers().catch(() => undefined);
  session.set({ phase: 'out', expired });
}

onLoggedOut(() => {
  if (session.get().phase === 'in') leave(true);
});
