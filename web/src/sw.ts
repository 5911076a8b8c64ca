// The service worker keeps the app's shell, so that the app opens without a network. It never keeps an answer of the
// API: an old value shown as a new one is worse than none.
// It imports nothing: a worker made of one file cannot be half updated.

export {}; // a module, so that its names are its own

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

interface ServiceWorkerGlobal {
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(kind: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void;
  addEventListener(kind: 'fetch', listener: (event: FetchEvent) => void): void;
}

const shell = __SHELL__;
const CACHE = `shell-${shell.version}`;
const NAVIGATION_PATIENCE_MS = 3000;
// Paths that the server answers itself, under the same origin as the app.
const SERVER = ['/api/', '/healthz', '/readyz', '/metrics', '/docs', '/redoc', '/openapi.json'];

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
