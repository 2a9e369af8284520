// NumPy's array file. Layout: "\x93NUMPY", version, length of the header, a Python dictionary with descr, fortran_order
// and shape, then the elements. Read: numbers of either byte order, bool, complex, byte and unicode strings, rows or
// columns first. Written: little-endian, rows first. Source: numpy/lib/format.py, "NPY format".

import { fail } from '../engine/error';
import type { Tensor, TensorData, TensorType } from '../engine/types';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** By kind and size of NumPy's descr. */
const types: Record<string, TensorType> = {
  b1: 'bool',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
  c8: 'complex64',
  c16: 'complex128',
};

const viewOf: Partial<Record<TensorType, new (buffer: ArrayBuffer) => TensorData>> = {
  bool: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  complex64: Float32Array,
  complex128: Float64Array,
};

interface Header {
  order: string;
  kind: string;
  size: number;
  columnsFirst: boolean;
  dims: number[];
  start: number;
}

export const isNpy = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes[i] === byte);

const broken = (name: string, what: string) =>
  fail('invalid_input', `This is not a NumPy array file: ${what}.`, name, 'Save it again with numpy.save().');

function headerOf(bytes: Uint8Array, name: string): Header {
  if (!isNpy(bytes) || bytes.length < 12) throw broken(name, 'it begins otherwise');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = (bytes[6] ?? 1) > 1;
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = (wide ? 12 : 10) + length;
  if (start > bytes.length) throw broken(name, 'its header is cut off');
  const text = new TextDecoder('latin1').decode(bytes.subarray(start - length, start));
  const [, order = '|', kind = '', digits = ''] = /'descr':\s*'([<>|=]?)([a-zA-Z])(\d+)'/.exec(text) ?? [];
  const shape = /'shape':\s*\(([\d,\sL]*)\)/.exec(text)?.[1];
  if (kind === '' || shape === undefined) {
    throw fail(
      'invalid_input',
      'This NumPy file holds no plain numbers or strings.',
      name,
      'Save an array of numbers, not of objects or records.',
    );
  }
  const dims = [...shape.matchAll(/\d+/g)].map(Number);
  return { order, kind, size: Number(digits), columnsFirst: /'fortran_order':\s*True/.test(text), dims, start };
}

/** A copy with the bytes of every run of `width` turned around. */
function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const out = bytes.slice();
  for (let at = 0; at < out.length; at += width) out.subarray(at, at + width).reverse();
  return out;
}

/** From first index fastest to last index fastest; `size` bytes an element. */
function rowsFirst(bytes: Uint8Array, dims: readonly number[], size: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  const strides = dims.map((_, axis) => dims.slice(0, axis).reduce((a, b) => a * b, size));
  const index = dims.map(() => 0);
  let from = 0;
  for (let to = 0; to < out.length; to += size) {
    out.set(bytes.subarray(from, from + size), to);
    for (let axis = dims.length - 1; axis >= 0; --axis) {
      const [dim = 1, stride = 0] = [dims[axis], strides[axis]];
      index[axis] = (index[axis] ?? 0) + 1;
      from += stride;
      if ((index[axis] ?? 0) < dim) break;
      index[axis] = 0;
      from -= dim * stride;
    }
  }
  return out;
}

/** NumPy pads strings with zeros at the end. */
function strings(bytes: Uint8Array, wide: boolean, size: number): string[] {
  const out: string[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += size) {
    const codes = wide
      ? Array.from({ length: size / 4 }, (_, i) => Math.min(view.getUint32(at + 4 * i, true), 0x10ffff))
      : [...bytes.subarray(at, at + size)];
    while (codes.length > 0 && codes.at(-1) === 0) codes.pop();
    out.push(wide ? String.fromCodePoint(...codes) : new TextDecoder().decode(Uint8Array.from(codes)));
  }
  return out;
}

/** Errors: invalid_input. `name` is where an error points to. */
export function parseNpy(bytes: Uint8Array, name = 'npy'): Tensor {
  const { order, kind, size: units, columnsFirst, dims, start } = headerOf(bytes, name);
  const isText = kind === 'U' || kind === 'S';
  const type = isText ? 'string' : types[`${kind}${units}`];
  const array = type === undefined || isText ? undefined : viewOf[type];
  if (type === undefined || (!isText && array === undefined)) {
    throw fail('invalid_input', `There are no tensors of NumPy's type ${kind}${units}.`, name, 'Save it as float32.');
  }
  const size = kind === 'U' ? 4 * units : units;
  const count = dims.reduce((a, b) => a * b, 1);
  if (bytes.length - start < count * size)
    throw broken(name, `${count * size} bytes should follow its header, but ${bytes.length - start} do`);
  if (size === 0) return { type: 'string', dims, data: Array.from({ length: count }, () => '') };
  let raw: Uint8Array = bytes.slice(start, start + count * size);
  const word = kind === 'U' ? 4 : kind === 'c' ? size / 2 : size;
  if (order === '>' && word > 1 && kind !== 'S') raw = swapped(raw, word);
  if (columnsFirst && dims.length > 1) raw = rowsFirst(raw, dims, size);
  if (array === undefined) return { type: 'string', dims, data: strings(raw, kind === 'U', size) };
  return { type, dims, data: new array(raw.buffer as ArrayBuffer) };
}

/** Errors: invalid_input for types that NumPy does not have. */
export function writeNpy({ type, dims, data }: Tensor): Uint8Array {
  const descr = Object.keys(types).find((key) => types[key] === type);
  if (descr === undefined || !ArrayBuffer.isView(data)) {
    throw fail('invalid_input', `NumPy files do not hold ${type} tensors.`, type, 'Convert it to float32.');
  }
  const mark = descr.endsWith('1') ? '|' : '<';
  const shape = dims.length === 1 ? `${dims[0]},` : dims.join(', ');
  const text = `{'descr': '${mark}${descr}', 'fortran_order': False, 'shape': (${shape}), }`;
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const out = new Uint8Array(10 + header.length + data.byteLength);
  out.set([...MAGIC, 1, 0, header.length & 255, header.length >> 8]);
  out.set(new TextEncoder().encode(header), 10);
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + header.length);
  return out;
}
