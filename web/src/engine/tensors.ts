// Tensors of the public API <-> tensors on the wire. Checks here what JavaScript can get wrong (wrong array
// class, dims that do not multiply to the length); C++ checks names, types and shapes against the model.

import { fail } from './error';
import type { NamedTensor, WireTensor } from './protocol';
import type { Feeds, Tensor, TensorData, TensorType } from './types';

type ArrayClass =
  | Float32ArrayConstructor
  | Float64ArrayConstructor
  | Int8ArrayConstructor
  | Uint8ArrayConstructor
  | Int16ArrayConstructor
  | Uint16ArrayConstructor
  | Int32ArrayConstructor
  | Uint32ArrayConstructor
  | BigInt64ArrayConstructor
  | BigUint64ArrayConstructor;

interface Layout {
  array: ArrayClass;
  /** Bits of one tensor element; below 8 elements are packed into bytes. */
  bits: number;
}

const layouts: Record<Exclude<TensorType, 'string'>, Layout> = {
  float32: { array: Float32Array, bits: 32 },
  float64: { array: Float64Array, bits: 64 },
  float16: { array: Uint16Array, bits: 16 },
  bfloat16: { array: Uint16Array, bits: 16 },
  int8: { array: Int8Array, bits: 8 },
  uint8: { array: Uint8Array, bits: 8 },
  int16: { array: Int16Array, bits: 16 },
  uint16: { array: Uint16Array, bits: 16 },
  int32: { array: Int32Array, bits: 32 },
  uint32: { array: Uint32Array, bits: 32 },
  int64: { array: BigInt64Array, bits: 64 },
  uint64: { array: BigUint64Array, bits: 64 },
  bool: { array: Uint8Array, bits: 8 },
  int4: { array: Uint8Array, bits: 4 },
  uint4: { array: Uint8Array, bits: 4 },
  int2: { array: Uint8Array, bits: 2 },
  uint2: { array: Uint8Array, bits: 2 },
  float8e4m3fn: { array: Uint8Array, bits: 8 },
  float8e4m3fnuz: { array: Uint8Array, bits: 8 },
  float8e5m2: { array: Uint8Array, bits: 8 },
  float8e5m2fnuz: { array: Uint8Array, bits: 8 },
  float8e8m0: { array: Uint8Array, bits: 8 },
  float4e2m1: { array: Uint8Array, bits: 4 },
  complex64: { array: Float32Array, bits: 64 },
  complex128: { array: Float64Array, bits: 128 },
};

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function checkDims(name: string, dims: unknown): number[] {
  if (!Array.isArray(dims) || !dims.every((d) => Number.isSafeInteger(d) && d >= 0)) {
    throw fail(
      'invalid_input',
      'The dims of a tensor are a list of sizes.',
      name,
      'For example dims: [1, 3, 224, 224].',
    );
  }
  return [...dims];
}

function checkedBytes(name: string, type: Exclude<TensorType, 'string'>, dims: number[], data: unknown): Uint8Array {
  const { array, bits } = layouts[type];
  // By name: arrays of another realm (a frame, a test runner's sandbox) are as good.
  if (!ArrayBuffer.isView(data) || Object.prototype.toString.call(data) !== `[object ${array.name}]`) {
    throw fail(
      'invalid_input',
      `The data of a ${type} tensor is a ${array.name}.`,
      name,
      `Give data: new ${array.name}(...).`,
    );
  }
  const count = dims.reduce((product, d) => product * d, 1);
  if (data.byteLength !== Math.ceil((count * bits) / 8)) {
    throw fail(
      'invalid_input',
      `Dims [${dims.join(', ')}] of ${type} need ${Math.ceil((count * bits) / 8)} bytes, but data has ${data.byteLength}.`,
      name,
      'The product of dims is the number of elements.',
    );
  }
  // A copy of just this view, so that it can be transferred and the caller keeps theirs.
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
}

function toWire(name: string, tensor: unknown): WireTensor {
  if (!isObject(tensor) || !('type' in tensor) || !('dims' in tensor) || !('data' in tensor)) {
    throw fail('invalid_input', 'A tensor is {type, dims, data}.', name);
  }
  const { type, data } = tensor;
  const dims = checkDims(name, tensor.dims);
  if (type === 'string') {
    if (!Array.isArray(data) || !data.every((s) => typeof s === 'string')) {
      throw fail('invalid_input', 'The data of a string tensor is an array of strings.', name);
    }
    return { type, dims, data: [...data] };
  }
  if (typeof type !== 'string' || !Object.hasOwn(layouts, type)) {
    throw fail(
      'invalid_input',
      `There is no tensor type ${JSON.stringify(type)}.`,
      name,
      `Types: ${Object.keys(layouts).join(', ')}, string.`,
    );
  }
  const known = type as Exclude<TensorType, 'string'>;
  return { type: known, dims, data: checkedBytes(name, known, dims, data) };
}

/** Feeds ready to send, copied. Errors: invalid_input; where = the feed's name. */
export function wireFeeds(feeds: Feeds): NamedTensor[] {
  if (!isObject(feeds) || Array.isArray(feeds)) {
    throw fail(
      'invalid_input',
      'Feeds are an object of tensors by input name.',
      'feeds',
      'For example {input: {type, dims, data}}.',
    );
  }
  return Object.entries(feeds).map(([name, tensor]) => ({ name, tensor: toWire(name, tensor) }));
}

/** Buffers of wire tensors, for a transfer list. */
export function transferList(tensors: readonly NamedTensor[]): ArrayBuffer[] {
  return tensors.flatMap(({ tensor: { data } }) => (data instanceof Uint8Array ? [data.buffer as ArrayBuffer] : []));
}

function fromWire({ type, dims, data }: WireTensor): Tensor {
  if (type === 'string' || !(data instanceof Uint8Array)) return { type, dims, data: data as TensorData };
  // The worker made these bytes as a buffer of their own, so they are aligned for every class.
  return { type, dims, data: new layouts[type].array(data.buffer as ArrayBuffer) };
}

export function fromWireList(tensors: readonly NamedTensor[]): Record<string, Tensor> {
  return Object.fromEntries(tensors.map(({ name, tensor }) => [name, fromWire(tensor)]));
}
