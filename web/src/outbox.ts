// Checks on their way to the server. One is kept on the phone first, photos and all, and taken off it only when the
// server has confirmed it; each bears an id of its own, so that what is sent twice is kept once.
import { api } from './api';
import { now } from './clock';
import * as kept from './kept';
import { onLive } from './live';
import { isPassing, RequestFailed, type Failure } from './problem';
import { touch } from './resource';
import { session } from './session';
import type { Check, LocalText, NewCheck } from './shapes';
import { createStore } from './store';

const AGAIN_MS = 30_000;
/** What comes in later than so after the act needs a reason. */
const LATE_MS = 24 * 3_600_000;

export interface KeptPhoto {
  readonly file: Blob;
  readonly purpose: string;
  /** When the camera gave it to us, by this phone's clock. */
  readonly device_at: string;
  /** Null until the server has it. */
  readonly sha256: string | null;
}

export interface Waiting {
  readonly person_id: number;
  readonly site_id: number;
  readonly equipment_code: string;
  readonly form_name: LocalText;
  readonly body: Omit<NewCheck, 'photos'>;
  readonly photos: readonly KeptPhoto[];
  /** Why the server does not take it; null while it only waits for the network. */
  readonly refused: Failure | null;
  /** Said for the person where they gave no reason and the network kept it waiting too long. */
  readonly late_reason: string;
}

/** What waits on this phone for the person who is signed in, the oldest first. */
export const waiting = createStore<readonly Waiting[]>([]);
/** What was sent since the app was opened, the newest first. */
export const sent = createStore<readonly Check[]>([]);
export const sending = createStore(false);

let timer: ReturnType<typeof setTimeout> | undefined;

export async function enqueue(one: Waiting): Promise<void> {
  await kept.put('checks', one.body.client_id, one);
  await readWaiting();
  void sendAll();
}

export async function discard(clientId: string): Promise<void> {
  await kept.remove('checks', clientId);
  await readWaiting();
}

export const findWaiting = (clientId: string): Promise<Waiting | undefined> => kept.get<Waiting>('checks', clientId);

export async function readWaiting(): Promise<void> {
  const state = session.get();
  const mine = state.phase === 'in' ? (await kept.all<Waiting>('checks')).filter((each) => each.person_id === state.person.id) : [];
  waiting.set(mine.sort((a, b) => a.body.performed_at.localeCompare(b.body.performed_at)));
}

/** Send what waits, one after the other; what the server refuses stays until the person has looked at it. */
export async function sendAll(again: string | null = null): Promise<void> {
  clearTimeout(timer);
  if (sending.get()) return;
  sending.set(true);
  try {
    await readWaiting();
    for (const one of waiting.get()) {
      if (one.refused !== null && one.body.client_id !== again) continue;
      if (!(await deliver(one))) break;
    }
  } finally {
    sending.set(false);
    await readWaiting();
  }
  if (waiting.get().some((each) => each.refused === null)) timer = setTimeout(() => void sendAll(), AGAIN_MS);
}

/** False where there is no use in trying the next one now. */
async function deliver(first: Waiting): Promise<boolean> {
  let one = first;
  try {
    for (const [place, photo] of one.photos.entries()) {
      if (photo.sha256 !== null) continue;
      const sha256 = await api.uploadPhoto(one.body.equipment_id, photo.file, photo.device_at);
      one = { ...one, photos: one.photos.map((each, index) => (index === place ? { ...each, sha256 } : each)) };
      await kept.put('checks', one.body.client_id, one);
    }
    const late = now() - Date.parse(one.body.performed_at) > LATE_MS;
    const check = await api.addCheck({
      ...one.body,
      reason: one.body.reason ?? (late ? one.late_reason : null),
      photos: one.photos.map((photo) => ({ sha256: photo.sha256!, purpose: photo.purpose })),
    });
    await kept.remove('checks', one.body.client_id);
    sent.set([check, ...sent.get()]);
    for (const name of [`round/${one.site_id}`, `equipment/${one.body.equipment_id}/checks`]) touch(name);
    return true;
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    const { failure } = error;
    if (failure.kind === 'refused' && first.photos.some((photo) => photo.sha256 !== null) && failure.errors.some(({ field }) => field.includes('photos'))) {
      // Sent before, and no longer there: a photo that no record names is not kept for long. It is sent again.
      await kept.put('checks', one.body.client_id, { ...one, photos: one.photos.map((photo) => ({ ...photo, sha256: null })) });
      return true;
    }
    const later = isPassing(failure);
    if (!later) await kept.put('checks', one.body.client_id, { ...one, refused: failure });
    return !later;
  }
}

/** Call once: what waits is sent when somebody signs in, and whenever the line is back. */
export function watchOutbox(): void {
  let before: number | null = null;
  session.subscribe(() => {
    const state = session.get();
    const person = state.phase === 'in' ? state.person.id : null;
    if (person === before) return;
    before = person;
    sent.set([]);
    if (person === null) waiting.set([]);
    else void sendAll();
  });
  onLive((event) => {
    if (event === null) void sendAll();
  });
  window.addEventListener('online', () => void sendAll());
}
