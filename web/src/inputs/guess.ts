// What a model wants to be fed, guessed from its summary: a picture (with which size, layout and
// normalization), or plain tensors. Always shown to the person, always editable.

import type { Dim, ModelSummary, ValueSummary } from '../engine/types';
import { applyNormalization, type ImageSpec, type Layout } from './preprocess';

export interface Guess {
  /** Null: not a picture. */
  image: ImageSpec | null;
  /** Why this normalization: a key of the strings table. */
  reason: 'caffe2' | 'imagenet' | 'cifar' | 'digits' | 'detector' | 'sample' | 'unknown';
}

const size = (d: Dim | undefined, fallback: number) => (typeof d === 'number' && d > 0 ? d : fallback);
const isChannels = (d: Dim | undefined) => d === 1 || d === 3;
const TYPES = ['float32', 'uint8', 'int8'];

function imageLayout(shape: readonly Dim[]): Layout | null {
  if (shape.length !== 4 || (typeof shape[0] === 'number' && shape[0] !== 1)) return null;
  const spatial = (a: Dim | undefined, b: Dim | undefined) => size(a, 224) >= 8 && size(b, 224) >= 8;
  if (isChannels(shape[1]) && spatial(shape[2], shape[3])) return 'nchw';
  if (isChannels(shape[3]) && spatial(shape[1], shape[2])) return 'nhwc';
  return null;
}

function imageSpec(input: ValueSummary): ImageSpec | null {
  if (input.shape === null || !TYPES.includes(input.type)) return null;
  const layout = imageLayout(input.shape);
  if (layout === null) return null;
  const at = layout === 'nchw' ? { c: 1, h: 2, w: 3 } : { c: 3, h: 1, w: 2 };
  const gray = input.shape[at.c] === 1;
  const width = size(input.shape[at.w], 224);
  const height = size(input.shape[at.h], 224);
  const channels = gray ? 1 : 3;
  return {
    input: input.name,
    layout,
    channels: gray ? 'gray' : 'rgb',
    width,
    height,
    fit: width === height && width >= 160 ? 'crop' : 'stretch',
    scale: 1 / 255,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    type: input.type as ImageSpec['type'],
    dims: layout === 'nchw' ? [1, channels, height, width] : [1, height, width, channels],
  };
}

/** Elements of the last dimension that is not one, of the only output; 0 where that is not a class list. */
export function classCount(summary: ModelSummary): number {
  const shape = summary.outputs.length === 1 ? summary.outputs[0]?.shape : null;
  if (!shape) return 0;
  const wide = shape.slice(1).filter((d) => d !== 1);
  const only = shape.length === 1 ? shape[0] : wide[0];
  return wide.length <= 1 && typeof only === 'number' && only > 1 ? only : 0;
}

function normalizationOf(spec: ImageSpec, summary: ModelSummary): [string, Guess['reason']] {
  const classes = classCount(summary);
  if (spec.channels === 'gray' && spec.width <= 64) return ['raw', 'digits'];
  if (/caffe/i.test(summary.producer)) return ['caffe', 'caffe2'];
  if (classes === 1000 || classes === 1001) return ['imagenet', 'imagenet'];
  if (spec.width === 32 && classes === 10) return ['cifar', 'cifar'];
  if (summary.outputs.length > 1) return ['raw', 'detector'];
  return ['unit', 'unknown'];
}

export function guessInput(summary: ModelSummary): Guess {
  const only = summary.inputs.length === 1 ? summary.inputs[0] : undefined;
  const spec = only ? imageSpec(only) : null;
  if (spec === null) return { image: null, reason: 'unknown' };
  const [id, reason] = normalizationOf(spec, summary);
  return { image: applyNormalization(spec, id), reason };
}
