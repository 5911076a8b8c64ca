// What stays on this phone, for where there is no network: the round as it was read last, and checks that wait to be
// sent with their photos. In IndexedDB, since it holds files and outlives the page.
const NAME = 'facility-monitor';
const VERSION = 1;

export type StoreName = 'answers' | 'checks';

let opened: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const asked = indexedDB.open(NAME, VERSION);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore('answers');
      asked.result.createObjectStore('checks');
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error('IndexedDB'));
  });
  opened.catch(() => {
    opened = undefined;
  });
  return opened;
}

async function act<T>(store: StoreName, mode: IDBTransactionMode, what: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  return new Promise<T>((resolve, reject) => {
    const transaction = database.transaction(store, mode);
    const asked = what(transaction.objectStore(store));
    // Only a completed transaction is on the disk.
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onerror = () => reject(transaction.error ?? new Error('IndexedDB'));
    transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB'));
  });
}

export async function put(store: StoreName, key: string, value: unknown): Promise<void> {
  await act(store, 'readwrite', (each) => each.put(value, key));
}

export const get = <T>(store: StoreName, key: string): Promise<T | undefined> => act(store, 'readonly', (each) => each.get(key) as IDBRequest<T | undefined>);

export const all = <T>(store: StoreName): Promise<T[]> => act(store, 'readonly', (each) => each.getAll() as IDBRequest<T[]>);

export async function remove(store: StoreName, key: string): Promise<void> {
  await act(store, 'readwrite', (each) => each.delete(key));
}

/** Drop what was read, so that the next person on this phone sees nothing of the last one's. Unsent checks stay. */
export async function forgetAnswers(): Promise<void> {
  await act('answers', 'readwrite', (each) => each.clear());
}

/** Something that was read, and when, in ms since 1970; `old` where it comes from this phone for want of a network. */
export interface Kept<T> {
  readonly value: T;
  readonly at: number;
  readonly old: boolean;
}
