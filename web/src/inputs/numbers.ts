// Numbers typed or pasted by a person -> a tensor. Commas, semicolons, spaces, lines and brackets separate.
import type { Tensor, TensorData, TensorType } from '../engine/types';
import { t } from '../i18n';
import { PageError } from '../state/error';

const MAKE: Partial<Record<TensorType, (numbers: readonly number[]) => TensorData>> = {
  float32: (n) => Float32Array.from(n),
  float64: (n) => Float64Array.from(n),
  int8: (n) => Int8Array.from(n),
  uint8: (n) => Uint8Array.from(n),
  int16: (n) => Int16Array.from(n),
  uint16: (n) => Uint16Array.from(n),
  int32: (n) => Int32Array.from(n),
  uint32: (n) => Uint32Array.from(n),
  int64: (n) => BigInt64Array.from(n, (v) => BigInt(Math.trunc(v))),
  uint64: (n) => BigUint64Array.from(n, (v) => BigInt(Math.trunc(v))),
  bool: (n) => Uint8Array.from(n, (v) => (v ? 1 : 0)),
};

export const canType = (type: string): boolean => type in MAKE;

/** Errors: where = the input's name. One number fills all of it. */
export function parseNumbers(text: string, type: TensorType, dims: readonly number[], name: string): Tensor {
  const make = MAKE[type];
  const numbers = text
    .split(/[\s,;[\]()]+/)
    .filter((word) => word !== '')
    .map(Number);
  const want = dims.reduce((a, b) => a * b, 1);
  const got = numbers.length === 1 ? Array.from({ length: want }, () => numbers[0] as number) : numbers;
  if (!make || got.length !== want || got.some((n) => !Number.isFinite(n))) {
    const valid = numbers.filter((n) => Number.isFinite(n)).length;
    throw new PageError(t.app.errors.badNumbers(want, valid), name, t.app.errors.badNumbersHint);
  }
  return { type, dims, data: make(got) };
}
