import { api } from './api';
import { createStore } from './store';

/** Whether this phone rings: 'denied' is the browser's own word, which only its settings take back. */
export type PushState = 'unknown' | 'unsupported' | 'denied' | 'off' | 'on';

export const pushState = createStore<PushState>('unknown');
const CHANNEL = 'push-channel'; // the id of this phone's channel, to end or to try it

export async function readPush(): Promise<void> {
  if (!('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) return pushState.set('unsupported');
  if (Notification.permission === 'denied') return pushState.set('denied');
  const registration = await navigator.serviceWorker.getRegistration();
  const standing = await registration?.pushManager.getSubscription();
  pushState.set(standing && Notification.permission === 'granted' && localStorage.getItem(CHANNEL) !== null ? 'on' : 'off');
}

/** Asks for the permission, which browsers allow only after a tap, then tells the service where this phone is. */
export async function turnOnPush(): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted') return readPush();
  const registration = await navigator.serviceWorker.ready;
  const { key } = await api.pushKey();
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { id } = await api.subscribe(subscription.toJSON());
  localStorage.setItem(CHANNEL, String(id));
  pushState.set('on');
}

export async function turnOffPush(): Promise<void> {
  const id = Number(localStorage.getItem(CHANNEL));
  const registration = await navigator.serviceWorker.getRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  localStorage.removeItem(CHANNEL);
  if (id > 0) await api.unsubscribe(id);
  pushState.set('off');
}

/** After a log-in: a phone that rings does so for whoever has just logged in, and until that one logs out. */
export async function renewPush(): Promise<void> {
  if (!('serviceWorker' in navigator) || localStorage.getItem(CHANNEL) === null) return;
  const registration = await navigator.serviceWorker.getRegistration();
  const standing = await registration?.pushManager?.getSubscription();
  if (!standing) return localStorage.removeItem(CHANNEL);
  const { id } = await api.subscribe(standing.toJSON());
  localStorage.setItem(CHANNEL, String(id));
}

/** After a log-out, which has ended the channel: the browser takes no message for it either. */
export async function forgetPush(): Promise<void> {
  localStorage.removeItem(CHANNEL);
  if (!('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.getRegistration();
  await (await registration?.pushManager?.getSubscription())?.unsubscribe();
}

export async function tryPush(): Promise<void> {
  await api.testChannel(Number(localStorage.getItem(CHANNEL)));
}
