// Files opened lately, kept in this browser's IndexedDB. Where that is not to be had, there are none.
import { signal } from '@preact/signals';

export interface RecentFile {
  name: string;
  size: number;
  opened: number;
  file: Blob;
}

const MOST_FILES = 5;
const MOST_BYTES = 64_000_000;

export const recent = signal<readonly RecentFile[]>([]);

const settle = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Answers what `work` asks for once the transaction is through: what was written then stays, whatever the page does. */
async function inStore<T>(mode: IDBTransactionMode, work: (files: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open('halftone', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('recent', { keyPath: 'name' });
  const database = await settle(opening);
  try {
    const transaction = database.transaction('recent', mode);
    const request = work(transaction.objectStore('recent'));
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    return request.result;
  } finally {
    database.close();
  }
}

/** Storage may be full, private or switched off: the list is a convenience, so nobody is told. */
async function quietly(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch {
    // The list stays as it is.
  }
}

export const loadRecent = (): Promise<void> =>
  quietly(async () => {
    const all = (await inStore('readonly', (files) => files.getAll())) as RecentFile[];
    recent.value = all.sort((a, b) => b.opened - a.opened);
  });

export const remember = (file: File): Promise<void> =>
  quietly(async () => {
    if (file.size > MOST_BYTES) return;
    const entry: RecentFile = { name: file.name, size: file.size, opened: Date.now(), file };
    const kept = [entry, ...recent.value.filter(({ name }) => name !== file.name)];
    await inStore('readwrite', (files) => {
      for (const { name } of kept.slice(MOST_FILES)) files.delete(name);
      return files.put(entry);
    });
    recent.value = kept.slice(0, MOST_FILES);
  });

export const forget = (name: string): Promise<void> =>
  quietly(async () => {
    await inStore('readwrite', (files) => files.delete(name));
    recent.value = recent.value.filter((entry) => entry.name !== name);
  });

export const forgetAll = (): Promise<void> =>
  quietly(async () => {
    await inStore('readwrite', (files) => files.clear());
    recent.value = [];
  });
