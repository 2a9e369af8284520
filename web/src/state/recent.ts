// Files opened lately, kept in this browser's IndexedDB. Where that is not to be had, there are none.
import { signal } from '@preact/signals';
import type { Lengths } from '../inputs/lengths';
import type { ImageSpec } from '../inputs/preprocess';

/** What a person said of a file's inputs, where the guesses were not right. */
export interface InputChoices {
  lengths: Lengths;
  image: ImageSpec | null;
}

export interface RecentFile {
  name: string;
  size: number;
  opened: number;
  file: Blob;
  choices?: InputChoices;
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
    const choices = choicesFor(file);
    const entry: RecentFile = {
      name: file.name,
      size: file.size,
      opened: Date.now(),
      file,
      ...(choices && { choices }),
    };
    const kept = [entry, ...recent.value.filter(({ name }) => name !== file.name)];
    await inStore('readwrite', (files) => {
      for (const { name } of kept.slice(MOST_FILES)) files.delete(name);
      return files.put(entry);
    });
    recent.value = kept.slice(0, MOST_FILES);
  });

/** The file is known again by name and size. */
const find = ({ name, size }: Pick<RecentFile, 'name' | 'size'>) =>
  recent.value.find((entry) => entry.name === name && entry.size === size);

export const choicesFor = (file: Pick<RecentFile, 'name' | 'size'>): InputChoices | undefined => find(file)?.choices;

/** Nothing is kept of a file that is not in the list. */
export const keepChoices = (file: Pick<RecentFile, 'name' | 'size'>, choices: InputChoices): Promise<void> =>
  quietly(async () => {
    const known = find(file);
    if (!known) return;
    const entry = { ...known, choices };
    recent.value = recent.value.map((other) => (other === known ? entry : other));
    await inStore('readwrite', (files) => files.put(entry));
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
