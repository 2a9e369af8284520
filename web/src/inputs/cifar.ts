// The binary files of CIFAR, unpacked: records of a label (CIFAR-100: two, the coarse one first) and a picture of
// 32 x 32, planar red, green, blue. Source: A. Krizhevsky, "The CIFAR-10 dataset", "Binary version".

import { fail } from '../engine/error';
import type { Tensor } from '../engine/types';

const PIXELS = 3 * 32 * 32;

export interface LabelledPictures {
  /** uint8 [n, 3, 32, 32] */
  pictures: Tensor;
  labels: number[];
}

/** Bytes of labels before each picture; 0: these are no records. A multiple of both is CIFAR-10. */
function labelBytes(bytes: Uint8Array): number {
  return [1, 2].find((width) => bytes.length > 0 && bytes.length % (PIXELS + width) === 0) ?? 0;
}

/** Whole records, whose labels are in range. */
export function isCifar(bytes: Uint8Array): boolean {
  const width = labelBytes(bytes);
  if (width === 0) return false;
  const most = width === 1 ? 10 : 100;
  for (let at = width - 1; at < bytes.length; at += PIXELS + width) if ((bytes[at] ?? 0) >= most) return false;
  return true;
}

/** Errors: invalid_input. */
export function parseCifar(bytes: Uint8Array, name = 'cifar'): LabelledPictures {
  const width = labelBytes(bytes);
  if (width === 0) {
    throw fail(
      'invalid_input',
      `These ${bytes.length} bytes are no CIFAR records.`,
      name,
      'A record has 3,073 bytes, or 3,074 in CIFAR-100.',
    );
  }
  const count = bytes.length / (PIXELS + width);
  const data = new Uint8Array(count * PIXELS);
  const labels: number[] = [];
  for (let i = 0; i < count; ++i) {
    const start = i * (PIXELS + width);
    labels.push(bytes[start + width - 1] ?? 0);
    data.set(bytes.subarray(start + width, start + width + PIXELS), i * PIXELS);
  }
  return { pictures: { type: 'uint8', dims: [count, 3, 32, 32], data }, labels };
}
