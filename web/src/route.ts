import { createStore } from './store';

export type Route =
  | { readonly screen: 'now' | 'tickets' | 'equipment-list' | 'building' | 'ingest' | 'rules' | 'rule-draft' | 'report' | 'windows' | 'me' | 'round' | 'calendar' | 'budget' | 'scorecards' | 'lifts' | 'warnings' | 'duty-report' | 'duty' | 'channels' | 'unknown' }
  | { readonly screen: 'check-form'; readonly id: number; readonly form: string }
  | { readonly screen: 'inspection'; readonly token: string }
  | { readonly screen: 'alarm' | 'ticket' | 'equipment' | 'check' | 'rule' | 'lift-tests' | 'lift-test-form' | 'lift-test' | 'warning' | 'part-form'; readonly id: number };

export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** The route of a path; notices and QR labels lead here, so that these paths are a promise. */
export function routeOf(path: string): Route {
  const [first = '', second, ...more] = path.split('/').filter((part) => part !== '');
  if (first === 'inspection' && second !== undefined && more.length === 0) return { screen: 'inspection', token: second };
  if (first === 'equipment' && more.length === 2 && more[0] === 'check' && /^\d+$/.test(second!)) return { screen: 'check-form', id: Number(second), form: more[1]! };
  if (first === 'elevators' && more.length === 1 && /^\d+$/.test(second!)) {
    const id = Number(second);
    if (more[0] === 'tests') return { screen: 'lift-tests', id };
    if (more[0] === 'part') return { screen: 'part-form', id };
    if (more[0] === 'test') return { screen: 'lift-test-form', id };
  }
  if (more.length === 0 && second !== undefined && /^\d+$/.test(second)) {
    const id = Number(second);
    if (first === 'alarms') return { screen: 'alarm', id };
    if (first === 'tickets') return { screen: 'ticket', id };
    if (first === 'equipment') return { screen: 'equipment', id };
    if (first === 'rules') return { screen: 'rule', id };
    if (first === 'warnings') return { screen: 'warning', id };
    if (first === 'elevator-tests') return { screen: 'lift-test', id };
    if (first === 'checks') return { screen: 'check', id };
  }
  if (first === 'rules' && second === 'new' && more.length === 0) return { screen: 'rule-draft' };
  if (second !== undefined) return { screen: 'unknown' };
  if (first === '' || first === 'now' || first === 'alarms' || first === 'login') return { screen: 'now' };
  if (first === 'tickets') return { screen: 'tickets' };
  if (first === 'equipment') return { screen: 'equipment-list' };
  if (first === 'building') return { screen: 'building' };
  if (first === 'rules') return { screen: 'rules' };
  if (first === 'round') return { screen: 'round' };
  if (first === 'upkeep') return { screen: 'calendar' };
  if (first === 'report') return { screen: 'report' };
  if (first === 'windows') return { screen: 'windows' };
  if (first === 'ingest') return { screen: 'ingest' };
  if (first === 'warnings') return { screen: 'warnings' };
  if (first === 'duty-report') return { screen: 'duty-report' };
  if (first === 'duty') return { screen: 'duty' };
  if (first === 'channels') return { screen: 'channels' };
  if (first === 'lifts') return { screen: 'lifts' };
  if (first === 'budget') return { screen: 'budget' };
  if (first === 'scorecards') return { screen: 'scorecards' };
  if (first === 'me') return { screen: 'me' };
  return { screen: 'unknown' };
}

export const place = createStore<Place>({ path: '/', query: new URLSearchParams() });

export function watchPlace(): void {
  window.addEventListener('popstate', read);
  read();
}

export function navigate(href: string, how: 'push' | 'replace' = 'push'): void {
  // How many pages of ours lie behind this one: going back must not lead out of the app.
  const depth = how === 'push' ? depthOf() + 1 : depthOf();
  history[how === 'push' ? 'pushState' : 'replaceState']({ depth }, '', href);
  read();
}

/** One step back within the app, else to `otherwise`. */
export function back(otherwise: string): void {
  if (depthOf() > 0) history.back();
  else navigate(otherwise, 'replace');
}

function depthOf(): number {
  const state: unknown = history.state;
  return typeof state === 'object' && state !== null && 'depth' in state && typeof state.depth === 'number' ? state.depth : 0;
}

function read(): void {
  place.set({ path: location.pathname, query: new URLSearchParams(location.search) });
}
