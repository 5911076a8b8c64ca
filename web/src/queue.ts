// Entries on their way to the server. One is kept on the phone first, photos and all, and taken off it only when the
// server has confirmed it; each bears an id of its own, so that what is sent twice is kept once.
import { api } from './api';
import * as kept from './kept';
import { onLive } from './live';
import { isPassing, RequestFailed, type Failure } from './problem';
import { session } from './session';
import { createStore, type Store } from './store';

const AGAIN_MS = 30_000;

export interface KeptPhoto {
  readonly file: Blob;
  readonly purpose: string;
  /** When the camera gave it to us, by this phone's clock. */
  readonly device_at: string;
  /** Null until the server has it. */
  readonly sha256: string | null;
}

/** A file that is no photo: a certificate, a report, the log of an instrument. */
export interface KeptFile {
  readonly file: Blob;
  readonly name: string;
  readonly purpose: string;
  readonly sha256: string | null;
}

export interface SentFile {
  readonly sha256: string;
  readonly purpose: string;
}

export interface Queued {
  readonly person_id: number;
  readonly photos: readonly KeptPhoto[];
  /** Absent in what an older version of the app has kept. */
  readonly files?: readonly KeptFile[];
  /** Why the server does not take it; null while it only waits for the network. */
  readonly refused: Failure | null;
}

interface Kind<W extends Queued, A> {
  readonly store: kept.StoreName;
  idOf(one: W): string;
  equipmentOf(one: W): number;
  /** When it was done; the oldest goes first. */
  doneAt(one: W): string;
  send(one: W, photos: readonly SentFile[], files: readonly SentFile[]): Promise<A>;
  /** Tells what has changed by it. */
  arrived(one: W, answer: A): void;
}

export interface Queue<W extends Queued, A> {
  /** What waits on this phone for the person who is signed in, the oldest first. */
  readonly waiting: Store<readonly W[]>;
  /** What was sent since the app was opened, the newest first. */
  readonly sent: Store<readonly A[]>;
  readonly sending: Store<boolean>;
  /** Ends when it is kept, which is at once, or, with `andSend`, when it was sent or has to wait: with the answer, or null. */
  enqueue(one: W): Promise<void>;
  enqueueAndSend(one: W): Promise<A | null>;
  discard(id: string): Promise<void>;
  find(id: string): Promise<W | undefined>;
  /** Send what waits, one after the other; what the server refuses stays until the person has looked at it. */
  sendAll(again?: string | null): Promise<void>;
  /** Call once: what waits is sent when somebody signs in, and whenever the line is back. */
  watch(): void;
}

export function createQueue<W extends Queued, A>(kind: Kind<W, A>): Queue<W, A> {
  const waiting = createStore<readonly W[]>([]);
  const sent = createStore<readonly A[]>([]);
  const sending = createStore(false);
  const answers = new Map<string, A>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | undefined;

  async function read(): Promise<void> {
    const state = session.get();
    const mine = state.phase === 'in' ? (await kept.all<W>(kind.store)).filter((each) => each.person_id === state.person.id) : [];
    waiting.set(mine.sort((a, b) => kind.doneAt(a).localeCompare(kind.doneAt(b))));
  }

  async function keep(one: W): Promise<void> {
    await kept.put(kind.store, kind.idOf(one), one);
    await read();
  }

  async function run(again: string | null): Promise<void> {
    sending.set(true);
    try {
      await read();
      for (const one of waiting.get()) {
        if (one.refused !== null && kind.idOf(one) !== again) continue;
        if (!(await deliver(one))) break;
      }
    } finally {
      sending.set(false);
      await read();
    }
    if (waiting.get().some((each) => each.refused === null)) timer = setTimeout(() => void sendAll(), AGAIN_MS);
  }

  async function sendAll(again: string | null = null): Promise<void> {
    clearTimeout(timer);
    running ??= run(again).finally(() => {
      running = undefined;
    });
    return running;
  }

  /** False where there is no use in trying the next one now. */
  async function deliver(first: W): Promise<boolean> {
    const id = kind.idOf(first);
    let one = first;
    try {
      for (const [place, photo] of one.photos.entries()) {
        if (photo.sha256 !== null) continue;
        const sha256 = await api.uploadPhoto(kind.equipmentOf(one), photo.file, photo.device_at);
        one = { ...one, photos: one.photos.map((each, index) => (index === place ? { ...each, sha256 } : each)) };
        await kept.put(kind.store, id, one);
      }
      for (const [place, file] of (one.files ?? []).entries()) {
        if (file.sha256 !== null) continue;
        const sha256 = await api.uploadFile(kind.equipmentOf(one), file.file, file.name);
        one = { ...one, files: one.files?.map((each, index) => (index === place ? { ...each, sha256 } : each)) };
        await kept.put(kind.store, id, one);
      }
      const answer = await kind.send(one, one.photos.map(sentOf), (one.files ?? []).map(sentOf));
      await kept.remove(kind.store, id);
      answers.set(id, answer);
      sent.set([answer, ...sent.get()]);
      kind.arrived(one, answer);
      return true;
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      const { failure } = error;
      const before = [...first.photos, ...(first.files ?? [])].some((each) => each.sha256 !== null);
      if (failure.kind === 'refused' && before && failure.errors.some(({ field }) => /photos|files/.test(field))) {
        // Sent before, and no longer there: what no record names is not kept for long. It is sent again.
        await kept.put(kind.store, id, { ...one, photos: one.photos.map(unsent), files: (one.files ?? []).map(unsent) });
        return true;
      }
      const later = isPassing(failure);
      if (!later) await kept.put(kind.store, id, { ...one, refused: failure });
      return !later;
    }
  }

  return {
    waiting,
    sent,
    sending,
    sendAll,
    find: (id) => kept.get<W>(kind.store, id),
    async enqueue(one) {
      await keep(one);
      void sendAll();
    },
    async enqueueAndSend(one) {
      await keep(one);
      await running; // it may have read what waits before this came
      await sendAll();
      return answers.get(kind.idOf(one)) ?? null;
    },
    async discard(id) {
      await kept.remove(kind.store, id);
      await read();
    },
    watch() {
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
    },
  };
}

const sentOf = (each: KeptPhoto | KeptFile): SentFile => ({ sha256: each.sha256!, purpose: each.purpose });
const unsent = <T extends KeptPhoto | KeptFile>(each: T): T => ({ ...each, sha256: null });

/** A UUID of version 4. `crypto.randomUUID` is there over https only. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
