import { createStore } from './store';

/** Chromium's offer to install the app, which may be used once; other browsers have their own menu for it. */
interface InstallOffer extends Event {
  prompt(): Promise<unknown>;
}

export const offered = createStore<InstallOffer | null>(null);

export function watchInstall(): void {
  window.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault(); // offered on the page "Me", not over an alarm
    offered.set(event as InstallOffer);
  });
  window.addEventListener('appinstalled', () => offered.set(null));
}

export async function install(): Promise<void> {
  const offer = offered.get();
  offered.set(null);
  await offer?.prompt();
}

export function registerWorker(): void {
  if (import.meta.env.PROD && 'serviceWorker' in navigator) {
    // Without it everything works but the start without a network: a browser that refuses is no fault to speak of.
    navigator.serviceWorker.register('/sw.js').catch((reason: unknown) => console.warn('no service worker', reason));
  }
}
