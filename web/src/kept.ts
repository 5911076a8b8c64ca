// What stays on this phone, for where there is no network: the round as it was read last, drafts, and what waits to be
// sent: checks and elevator tests with their photos, and acknowledgements. In IndexedDB, since it holds files, outlives the page, and is open to
// the service worker too, which imports no more than the types of these names.
export const NAME = 'facility-monitor';
const VERSION = 3;
const STORES = ['answers', 'checks', 'acknowledgements', 'tests', 'drafts'] as const;

export type StoreName = (typeof STORES)[number];

let opened: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const asked = indexedDB.open(NAME, VERSION);
    asked.onupgradeneeded = () => {
      for (const store of STORES) if (!asked.result.objectStoreNames.contains(store)) asked.result.createObjectStore(store);
    };
    asked.onsuccess = () => {
      // Another page of a newer version must not wait for this one.
      asked.result.onversionchange = () => {
        asked.result.close();
        opened = undefined;
      };
      resolve(asked.result);
    };
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

/** Drop what was read, so that the next person on this phone sees nothing of the last one's. What is unsent stays. */
export async function forgetAnswers(): Promise<void> {
  await act('answers', 'readwrite', (each) => each.clear());
}

/** Something that was read, and when, in ms since 1970; `old` where it comes from this phone for want of a network. */
export interface Kept<T> {
  readonly value: T;
  readonly at: number;
  readonly old: boolean;
}
