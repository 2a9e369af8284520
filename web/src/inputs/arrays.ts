// Arrays as data: one item out of many, conversion to the element type that a model wants, and bytes seen as a picture.

import { fail } from '../engine/error';
import type { Tensor, TensorData, TensorType } from '../engine/types';
import type { Pixels } from './resize';

const numberArrays: Partial<Record<TensorType, new (length: number) => TensorData>> = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
};

export const elements = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** Null: not of numbers. */
export function zeros(type: TensorType, dims: readonly number[]): Tensor | null {
  const Numbers = type === 'float16' || type === 'bfloat16' ? Uint16Array : numberArrays[type];
  return Numbers ? { type, dims, data: new Numbers(elements(dims)) } : null;
}

/** Item i of the first axis, without that axis; shares the memory of the whole. */
export function itemOf({ type, dims, data }: Tensor, i: number): Tensor {
  const rest = dims.slice(1);
  const size = type.startsWith('complex') ? 2 * elements(rest) : elements(rest);
  const part = Array.isArray(data) ? data.slice(i * size, (i + 1) * size) : data.subarray(i * size, (i + 1) * size);
  return { type, dims: rest, data: part };
}

/** The same numbers in another type. Errors: invalid_input where a type has no plain numbers. */
export function convert(tensor: Tensor, type: TensorType, where = ''): Tensor {
  if (tensor.type === type) return tensor;
  const Target = numberArrays[type];
  if (!Target || !numberArrays[tensor.type]) {
    throw fail('invalid_input', `Data of type ${tensor.type} cannot be turned into ${type}.`, where, `Save ${type}.`);
  }
  const data = new Target(tensor.data.length);
  const big = type === 'int64' || type === 'uint64';
  for (let i = 0; i < data.length; ++i) {
    const value = tensor.data[i] as number | bigint;
    data[i] = (big ? BigInt(typeof value === 'bigint' ? value : Math.trunc(value)) : Number(value)) as never;
  }
  return { type, dims: tensor.dims, data };
}

/** Which axes are rows, columns and channels; null: this is no picture. */
function pictureAxes(
  dims: readonly number[],
): { height: number; width: number; channels: number; planar: boolean } | null {
  const [a = 0, b = 0, c = 0] = dims;
  if (dims.length === 2) return { height: a, width: b, channels: 1, planar: true };
  if (dims.length !== 3) return null;
  if (a === 1 || a === 3) return { height: b, width: c, channels: a, planar: true };
  if (c === 1 || c === 3 || c === 4) return { height: a, width: b, channels: c, planar: false };
  return null;
}

/** Bytes [h, w], [1 or 3, h, w] or [h, w, 1, 3 or 4]; null: this is no picture. */
export function pixelsOf({ type, dims, data }: Tensor): Pixels | null {
  const axes = type === 'uint8' ? pictureAxes(dims) : null;
  if (axes === null) return null;
  const { width, height, channels, planar } = axes;
  const bytes = data as Uint8Array;
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; ++i) {
    for (let c = 0; c < Math.max(3, channels); ++c) {
      const channel = channels === 1 ? 0 : c;
      rgba[4 * i + c] = bytes[planar ? channel * width * height + i : i * channels + channel] ?? 0;
    }
  }
  return { width, height, rgba };
}

/** Class numbers from an array of one number per item, or of one row of scores (one-hot) per item; null: it is neither. */
export function labelsOf(tensor: Tensor): number[] | null {
  if (Array.isArray(tensor.data) || !numberArrays[tensor.type]) return null;
  const values = Array.from(tensor.data as ArrayLike<number | bigint>, Number);
  const count = tensor.dims[0] ?? 0;
  const width = count > 0 ? values.length / count : 0;
  const labels =
    width === 1
      ? values
      : Array.from({ length: count }, (_, i) => {
          const row = values.slice(i * width, (i + 1) * width);
          return row.indexOf(Math.max(...row));
        });
  return labels.length > 0 && labels.every((l) => Number.isInteger(l) && l >= 0) ? labels : null;
}
