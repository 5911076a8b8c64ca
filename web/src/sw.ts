// The service worker keeps the app's shell, so that the app opens without a network. It never keeps an answer of the
// API: an old value shown as a new one is worse than none.
// It imports types only: a worker made of one file cannot be half updated.
import type { NAME, StoreName } from './kept';

interface Shell {
  readonly version: string;
  readonly files: readonly string[];
}

declare const __SHELL__: Shell; // written in by the build
declare const self: ServiceWorkerGlobal;

interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface PushEvent extends ExtendableEvent {
  readonly data: { json(): unknown } | null;
}

interface NotificationEvent extends ExtendableEvent {
  readonly action: string;
  readonly notification: Notification;
}

interface Page {
  readonly url: string;
  focus(): Promise<Page>;
  navigate(url: string): Promise<Page | null>;
}

interface ServiceWorkerGlobal {
  readonly location: Location;
  readonly clients: { claim(): Promise<void>; matchAll(of: object): Promise<readonly Page[]>; openWindow(url: string): Promise<Page | null> };
  readonly registration: ServiceWorkerRegistration;
  skipWaiting(): Promise<void>;
  addEventListener(kind: 'push', listener: (event: PushEvent) => void): void;
  addEventListener(kind: 'notificationclick', listener: (event: NotificationEvent) => void): void;
  addEventListener(kind: 'sync', listener: (event: ExtendableEvent) => void): void;
  addEventListener(kind: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void;
  addEventListener(kind: 'fetch', listener: (event: FetchEvent) => void): void;
}

const shell = __SHELL__;
const CACHE = `shell-${shell.version}`;
const NAVIGATION_PATIENCE_MS = 3000;
// Paths that the server answers itself, under the same origin as the app.
const SERVER = ['/api/', '/m/', '/report/', '/healthz', '/readyz', '/metrics', '/docs', '/redoc', '/openapi.json'];

self.addEventListener('install', (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(dropOthers().then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (SERVER.some((path) => url.pathname.startsWith(path))) return;
  if (request.mode === 'navigate') event.respondWith(page(request));
  else if (shell.files.includes(url.pathname)) event.respondWith(kept(request));
});

/** What a message says, see push/web_push.py. */
interface Told {
  readonly tag: string;
  readonly title: string;
  readonly body: string;
  readonly path: string;
  readonly severity: string;
  readonly life_safety: boolean;
  readonly locale: string;
  readonly at: string;
  readonly token: string | null;
  readonly acknowledge: boolean;
}

self.addEventListener('push', (event) => {
  const told = event.data?.json() as Told | undefined;
  if (told !== undefined) event.waitUntil(Promise.all([show(told), report(told, 'delivered')]));
});

self.addEventListener('notificationclick', (event) => {
  const told = event.notification.data as Told;
  event.notification.close();
  event.waitUntil(event.action === 'acknowledge' ? acknowledge(told) : Promise.all([open(told.path), report(told, 'opened')]));
});

// A later message with the same tag takes the place of the first, and rings again: it is news.
async function show(told: Told, body = told.body, answered = false): Promise<void> {
  const chinese = told.locale.startsWith('zh');
  const loud = told.life_safety || told.severity === 'critical';
  await self.registration.showNotification(told.title, {
    body,
    tag: told.tag,
    data: told,
    lang: told.locale,
    icon: '/icon-192.png',
    timestamp: Date.parse(told.at),
    renotify: !answered,
    silent: answered,
    requireInteraction: loud && !answered,
    actions: told.acknowledge && !answered ? [{ action: 'acknowledge', title: chinese ? '确认' : 'Acknowledge' }] : [],
  } as NotificationOptions);
}

async function report(told: Told, what: 'delivered' | 'opened'): Promise<void> {
  if (told.token === null) return;
  // Without a network nobody learns that it was seen; the alarm goes on to the next person all the same.
  await fetch(`/api/v1/messages/${told.token}/${what}`, { method: 'POST', keepalive: true }).catch(() => undefined);
}

async function acknowledge(told: Told): Promise<void> {
  const chinese = told.locale.startsWith('zh');
  const acted_at = new Date().toISOString();
  const answer = await send(told.token ?? '', acted_at);
  if (answer === null && (await keep(told, acted_at))) {
    return show(told, chinese ? '已确认，待联网发送' : 'Acknowledged, waits for the network', true);
  }
  if (answer?.ok === true) return show(told, chinese ? '已确认' : 'Acknowledged', true);
  // Nobody must believe that it was taken: the page says what is the matter, and can try again.
  await show(told, chinese ? '未能确认，请打开报警' : 'Not acknowledged: open the alarm', true);
  if (answer !== null) await open(told.path);
}

/** Null where no answer came, or one of a server in trouble: the same may do later. */
async function send(token: string, acted_at: string): Promise<Response | null> {
  const body = JSON.stringify({ acted_at });
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`/api/v1/messages/${token}/acknowledge`, { method: 'POST', keepalive: true, headers, body }).catch(() => null);
  return answer === null || answer.status === 429 || answer.status >= 500 ? null : answer;
}

interface Act {
  readonly token: string | null;
  readonly acted_at: string;
  readonly told?: Told;
}

/** False where this browser keeps nothing. The app sends it when it is opened, the browser's own sync before that. */
async function keep(told: Told, acted_at: string): Promise<boolean> {
  const act = { alarm_id: Number(told.path.split('/').pop()), acted_at, person_id: null, token: told.token, told };
  try {
    await onKept('readwrite', (store) => store.put(act, told.token ?? ''));
  } catch (reason) {
    console.warn('acknowledgement not kept', reason);
    return false;
  }
  const { sync } = self.registration as unknown as { readonly sync?: { register(tag: string): Promise<void> } };
  await sync?.register('acknowledgements').catch(() => undefined); // refused by the person: then the app sends it
  return true;
}

self.addEventListener('sync', (event) => event.waitUntil(sendKept()));

/** A refusal of the promise lets the browser try again later. */
async function sendKept(): Promise<void> {
  const acts = await onKept<Act[]>('readonly', (store) => store.getAll());
  for (const { token, acted_at, told } of acts) {
    if (token === null || told === undefined) continue; // of the app, under its session
    const answer = await send(token, acted_at);
    if (answer === null) throw new Error('no network yet');
    await onKept('readwrite', (store) => store.delete(token));
    const chinese = told.locale.startsWith('zh');
    if (answer.ok) await show(told, chinese ? '已确认' : 'Acknowledged', true);
    else await show(told, chinese ? '未能确认，请打开报警' : 'Not acknowledged: open the alarm', true);
  }
}

// Held to kept.ts by their types.
const DATABASE: typeof NAME = 'facility-monitor';
const STORE: StoreName = 'acknowledgements';

/** The app's own store, see kept.ts: it made it when somebody signed in. */
function onKept<T>(mode: IDBTransactionMode, what: (store: IDBObjectStore) => IDBRequest): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const asked = indexedDB.open(DATABASE);
    asked.onerror = () => reject(asked.error ?? new Error('IndexedDB'));
    asked.onsuccess = () => {
      const database = asked.result;
      try {
        const transaction = database.transaction(STORE, mode);
        const done = what(transaction.objectStore(STORE));
        transaction.oncomplete = () => resolve(done.result as T);
        transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB'));
      } catch (reason) {
        reject(reason as Error); // an older app made the store
      } finally {
        database.close(); // once its transactions are over
      }
    };
  });
}

async function open(path: string): Promise<void> {
  const url = new URL(path, self.location.origin).href;
  const [page] = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (page === undefined) await self.clients.openWindow(url);
  // A browser that keeps the page in the background still has it at the right place.
  else await (await page.focus().catch(() => page)).navigate(url);
}

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(shell.files.map((file) => new Request(file, { cache: 'reload' })));
}

async function dropOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith('shell-') && name !== CACHE).map((name) => caches.delete(name)));
}

// The network first, so that a new version arrives at once; one bar of signal must not keep a person waiting.
async function page(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(NAVIGATION_PATIENCE_MS) });
    if (answer.ok) return answer;
  } catch {
    // no network, or too slow: the kept page below
  }
  return (await caches.match('/index.html')) ?? fetch(request);
}

async function kept(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}
