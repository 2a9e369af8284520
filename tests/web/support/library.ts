// The built library as a stranger would import it, and its types.

import type * as Library from '../../../web/src/engine';

const url = new URL('../../../dist/lib/halftone.js', import.meta.url).href;

export const { Halftone, HalftoneError } = (await import(/* @vite-ignore */ url)) as typeof Library;
export type { Engine, Feeds, HalftoneModel, Tensor } from '../../../web/src/engine';

/** The elements of a float32 tensor that has to be there. */
export function floats(tensor: Library.Tensor | undefined): Float32Array {
  if (tensor?.type !== 'float32') throw new Error(`expected a float32 tensor, got ${tensor?.type}`);
  return tensor.data as Float32Array;
}

/** The rejection of a promise, checked to be a complete HalftoneError. */
export async function rejection(promise: Promise<unknown>): Promise<Library.HalftoneError> {
  const outcome = await promise.then(
    () => 'resolved',
    (error: unknown) => error,
  );
  if (!(outcome instanceof HalftoneError)) throw new Error(`expected a HalftoneError, got ${String(outcome)}`);
  for (const field of [outcome.code, outcome.message, outcome.where, outcome.hint]) {
    if (typeof field !== 'string') throw new Error(`incomplete error: ${JSON.stringify(outcome)}`);
  }
  return outcome;
}
