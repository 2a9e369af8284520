// NumPy's archive of arrays: a zip file of .npy files, named by the array.

import { fail } from '../engine/error';
import type { Tensor } from '../engine/types';
import { parseNpy, writeNpy } from './npy';
import { unzip, zip } from './zip';

/** Arrays by name. Errors: invalid_input; where = file, then array. */
export async function parseNpz(bytes: Uint8Array, name = 'npz'): Promise<Record<string, Tensor>> {
  const files = await unzip(bytes, name, (entry) => entry.endsWith('.npy'));
  if (files.size === 0) {
    throw fail('invalid_input', 'This archive holds no arrays.', name, 'Save it with numpy.savez().');
  }
  const arrays = [...files].map(([entry, content]) => [entry.slice(0, -4), parseNpy(content, `${name}: ${entry}`)]);
  return Object.fromEntries(arrays);
}

/** The same bytes for the same arrays. */
export function writeNpz(arrays: Record<string, Tensor>): Uint8Array {
  return zip(Object.entries(arrays).map(([name, tensor]) => [`${name}.npy`, writeNpy(tensor)]));
}
