// The IDX files of MNIST and its relatives, unpacked. Layout: two zero bytes, the element type, the number of
// dimensions, each size as a big-endian 32-bit integer, the elements (big-endian too).
// Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".

import { fail } from '../engine/error';
import type { Tensor, TensorData, TensorType } from '../engine/types';

interface Kind {
  type: TensorType;
  width: number;
  view: new (buffer: ArrayBuffer) => TensorData;
}

const kinds: Record<number, Kind> = {
  8: { type: 'uint8', width: 1, view: Uint8Array },
  9: { type: 'int8', width: 1, view: Int8Array },
  11: { type: 'int16', width: 2, view: Int16Array },
  12: { type: 'int32', width: 4, view: Int32Array },
  13: { type: 'float32', width: 4, view: Float32Array },
  14: { type: 'float64', width: 8, view: Float64Array },
};

export const isIdx = (bytes: Uint8Array): boolean =>
  bytes[0] === 0 && bytes[1] === 0 && kinds[bytes[2] ?? 0] !== undefined && (bytes[3] ?? 0) > 0 && (bytes[3] ?? 0) < 9;

/** Errors: invalid_input. */
export function parseIdx(bytes: Uint8Array, name = 'idx'): Tensor {
  const kind = kinds[bytes[2] ?? 0];
  const rank = bytes[3] ?? 0;
  const start = 4 + 4 * rank;
  if (!isIdx(bytes) || kind === undefined || bytes.length < start) {
    throw fail('invalid_input', 'This is not an IDX file.', name, 'MNIST’s files begin with 0, 0, 8, then 1 or 3.');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dims = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = dims.reduce((a, b) => a * b, kind.width);
  if (bytes.length - start < size) {
    throw fail(
      'invalid_input',
      `This IDX file is cut off: [${dims.join(', ')}] needs ${size} bytes, but ${bytes.length - start} follow.`,
      name,
      'Copy it again.',
    );
  }
  const raw = bytes.slice(start, start + size);
  if (kind.width > 1) for (let at = 0; at < size; at += kind.width) raw.subarray(at, at + kind.width).reverse();
  return { type: kind.type, dims, data: new kind.view(raw.buffer as ArrayBuffer) };
}
