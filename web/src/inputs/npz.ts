// NumPy's archive of arrays: a zip file of .npy files, named by the array.

import { zipSync } from 'fflate';
import { fail } from '../engine/error';
import type { Tensor } from '../engine/types';
import { unzip } from './gzip';
import { parseNpy, writeNpy } from './npy';

/** Arrays by name. Errors: invalid_input; where = file, then array. */
export function parseNpz(bytes: Uint8Array, name = 'npz'): Record<string, Tensor> {
  const files = unzip(bytes, name, (entry) => entry.endsWith('.npy'));
  const arrays = Object.entries(files).map(([entry, content]) => [
    entry.slice(0, -4),
    parseNpy(content, `${name}: ${entry}`),
  ]);
  if (arrays.length === 0) {
    throw fail('invalid_input', 'This archive holds no arrays.', name, 'Save it with numpy.savez().');
  }
  return Object.fromEntries(arrays);
}

/** The same bytes for the same arrays. */
export function writeNpz(arrays: Record<string, Tensor>): Uint8Array {
  const files = Object.entries(arrays).map(([name, tensor]) => [`${name}.npy`, writeNpy(tensor)] as const);
  return zipSync(Object.fromEntries(files), { level: 6, mtime: new Date(1980, 0, 1) });
}
