// Data sets of our own, made on the spot: digits, shapes and points, of any size. The same seed gives the same bytes on
// every machine, and item i does not depend on how many there are: a large set may be made in pieces (`first`).

import { fail } from '../error';
import type { Tensor } from '../types';
import { DIGIT_SIZE, digit, digitClasses } from './digits';
import { type PointKind, point, pointClasses, pointKinds } from './points';
import { SHAPE_SIZE, shape, shapeClasses } from './shapes';

export type { PointKind } from './points';

export interface MakeOptions {
  count: number;
  seed?: number;
  /** Index of the first item; default 0. */
  first?: number;
}

export interface PointOptions extends MakeOptions {
  kind?: PointKind;
  /** As many as the kind has, at most; default 3. */
  classes?: number;
  /** Deviation added to both coordinates; default 0.03. */
  noise?: number;
}

export interface MadeSet {
  /** The first axis are the items. */
  data: Tensor;
  labels: number[];
  /** Names by label. Every run of as many items holds each class once. */
  classes: readonly string[];
}

function checked({ count, seed = 1, first = 0 }: MakeOptions): Required<MakeOptions> {
  for (const [name, value] of Object.entries({ count, seed, first })) {
    if (!Number.isSafeInteger(value) || value < 0)
      throw fail('invalid_argument', `${name} is a whole number from 0 on.`, name);
  }
  return { count, seed, first };
}

function pictures(
  options: MakeOptions,
  dims: number[],
  classes: readonly string[],
  make: (seed: number, index: number) => { label: number; pixels: Uint8Array },
): MadeSet {
  const { count, seed, first } = checked(options);
  const size = dims.reduce((a, b) => a * b);
  const data = new Uint8Array(count * size);
  const labels: number[] = [];
  for (let i = 0; i < count; ++i) {
    const { label, pixels } = make(seed, first + i);
    data.set(pixels, i * size);
    labels.push(label);
  }
  return { data: { type: 'uint8', dims: [count, ...dims], data }, labels, classes };
}

/** Handwritten-like digits: uint8 [count, 1, 28, 28], white ink on black. */
export const makeDigits = (options: MakeOptions): MadeSet =>
  pictures(options, [1, DIGIT_SIZE, DIGIT_SIZE], digitClasses, digit);

/** Coloured shapes on cluttered ground: uint8 [count, 3, 32, 32], red, green, blue. */
export const makeShapes = (options: MakeOptions): MadeSet =>
  pictures(options, [3, SHAPE_SIZE, SHAPE_SIZE], shapeClasses, shape);

/** Points in the plane: float32 [count, 2], within about [-1, 1]. */
export function makePoints({ kind = 'spirals', classes = 3, noise = 0.03, ...options }: PointOptions): MadeSet {
  const { count, seed, first } = checked(options);
  if (!pointKinds.includes(kind)) {
    throw fail(
      'invalid_argument',
      `There is no kind ${JSON.stringify(kind)}.`,
      'kind',
      `Use ${pointKinds.join(', ')}.`,
    );
  }
  const names = pointClasses(kind, classes);
  const data = new Float32Array(2 * count);
  const labels: number[] = [];
  for (let i = 0; i < count; ++i) {
    const { label, at } = point(seed, first + i, { kind, classes: names.length, noise });
    data.set(at, 2 * i);
    labels.push(label);
  }
  return { data: { type: 'float32', dims: [count, 2], data }, labels, classes: names };
}
