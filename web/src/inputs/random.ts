// Seeded random feeds, for models whose real input we do not have. Floats are uniform in [-1, 1):
// real activations look different, so ranges found with them are only a first impression.

import type { Feeds, Tensor, TensorData, ValueSummary } from '../engine/types';
import { convert } from './arrays';
import { dimsOf, type Lengths } from './lengths';

/** mulberry32: 32 bits of state, the same numbers on every machine. */
export function mulberry32(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

type Fill = (count: number, next: () => number) => TensorData;

const integers =
  (make: (n: number) => Exclude<TensorData, string[] | BigInt64Array | BigUint64Array>, below: number): Fill =>
  (count, next) => {
    const data = make(count);
    for (let i = 0; i < count; ++i) data[i] = Math.floor(next() * below);
    return data;
  };

/** Loops, not `from`: pictures have 150,000 numbers, and `from` takes 30 ms for them. */
const reals =
  (make: (n: number) => Float32Array | Float64Array): Fill =>
  (count, next) => {
    const data = make(count);
    for (let i = 0; i < count; ++i) data[i] = next() * 2 - 1;
    return data;
  };

const FILLS: Partial<Record<Tensor['type'], Fill>> = {
  float32: reals((n) => new Float32Array(n)),
  float64: reals((n) => new Float64Array(n)),
  uint8: integers((n) => new Uint8Array(n), 256),
  int8: integers((n) => new Int8Array(n), 128),
  uint16: integers((n) => new Uint16Array(n), 10),
  int16: integers((n) => new Int16Array(n), 10),
  int32: integers((n) => new Int32Array(n), 10),
  uint32: integers((n) => new Uint32Array(n), 10),
  int64: (count, next) => BigInt64Array.from({ length: count }, () => BigInt(Math.floor(next() * 10))),
  uint64: (count, next) => BigUint64Array.from({ length: count }, () => BigInt(Math.floor(next() * 10))),
  bool: integers((n) => new Uint8Array(n), 2),
};

export function canRandomize(inputs: readonly ValueSummary[]): boolean {
  return inputs.every((input) => input.type in FILLS);
}

/**
 * Inputs that set something and are no data: the rate of sound that nearly all speech models take, and whether a decoder
 * goes on from what it has seen (there is nothing at first).
 */
const SETTINGS: readonly [RegExp, number][] = [
  [/^(sr|.*sampl(e|ing)_?rate)$/i, 16000],
  [/use_cache/i, 0],
];

function tensorOf(input: ValueSummary, lengths: Lengths, next: () => number): Tensor | null {
  const { type, name } = input;
  const fill = type === 'unknown' ? undefined : FILLS[type];
  if (!fill || type === 'unknown') return null;
  const dims = dimsOf(input, lengths);
  const count = dims.reduce((a, b) => a * b, 1);
  const tensor: Tensor = { type, dims, data: fill(count, next) };
  const setting = count === 1 ? SETTINGS.find(([names]) => names.test(name)) : undefined;
  return setting ? convert({ type: 'float64', dims, data: Float64Array.of(setting[1]) }, type, name) : tensor;
}

/** Lengths that are not given are one. */
export function randomFeeds(inputs: readonly ValueSummary[], seed: number, lengths: Lengths = new Map()): Feeds {
  const next = mulberry32(seed);
  const tensors = inputs.map((input) => [input.name, tensorOf(input, lengths, next)] as const);
  return Object.fromEntries(tensors.filter((entry): entry is [string, Tensor] => entry[1] !== null));
}
