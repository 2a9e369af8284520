// Data that streams in from the caller: arrays, generators, anything with an iterator, synchronous or not.
// Waiting for the next item ends at once when the signal aborts, even if the caller's iterator never answers.

import { cancelled, fail, HalftoneError, messageOf } from './error';

export type Stream<T> = Iterable<T> | AsyncIterable<T>;

/** The promise, or a `cancelled` rejection as soon as the signal aborts. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(cancelled());
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Number of items where the stream tells (arrays); 0 where it does not. */
export function lengthOf(stream: Stream<unknown>): number {
  const { length, size } = stream as { length?: unknown; size?: unknown };
  const known = length ?? size;
  return typeof known === 'number' && Number.isSafeInteger(known) ? known : 0;
}

function openIterator<T>(stream: Stream<T>, where: string): Iterator<T> | AsyncIterator<T> {
  const source = stream as Partial<AsyncIterable<T> & Iterable<T>> | null | undefined;
  const iterator = source?.[Symbol.asyncIterator]?.() ?? source?.[Symbol.iterator]?.();
  if (iterator) return iterator;
  throw fail(
    'invalid_argument',
    `${where} has to be iterable.`,
    where,
    'Give an array, a generator or another iterable.',
  );
}

/** Whether iterating the stream again would go on where the last iteration ended (generators). */
export function isOneShot(stream: Stream<unknown>, where: string): boolean {
  return (openIterator(stream, where) as unknown) === stream;
}

/**
 * Calls `body` for each item in order; the caller's next item is prepared while `body` works.
 * Errors of the caller's iterator come out as invalid_input with the error as its cause.
 */
export async function forEachItem<T>(
  stream: Stream<T>,
  where: string,
  signal: AbortSignal | undefined,
  body: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const iterator = openIterator(stream, where);
  const next = async (): Promise<IteratorResult<T>> => {
    try {
      return await iterator.next();
    } catch (cause) {
      if (cause instanceof HalftoneError) throw cause;
      throw new HalftoneError(
        { code: 'invalid_input', message: `${where} could not be read: ${messageOf(cause)}`, where, hint: '' },
        { cause },
      );
    }
  };
  let finished = false;
  try {
    let item = await abortable(next(), signal);
    for (let index = 0; !item.done; ++index) {
      const [following] = await Promise.all([abortable(next(), signal), body(item.value, index)]);
      item = following;
    }
    finished = true;
  } finally {
    // Not waited for: a generator that hangs would hang the cancelling too.
    if (!finished) void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}
