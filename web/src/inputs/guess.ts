// What a model wants to be fed, as the engine recognized it (ModelSummary.io), in the page's terms: a picture with size,
// layout and normalization, or plain tensors. Always shown to the person, always editable.

import type { InputUse, ModelSummary, NormalizationGuess, ValueSummary } from '../engine/types';
import { applyNormalization, type ImageSpec } from './preprocess';

export interface Guess {
  /** Null: not a picture. */
  image: ImageSpec | null;
  /** Why this normalization: a key of the strings table. */
  reason: 'caffe2' | 'imagenet' | 'cifar' | 'digits' | 'detector' | 'sample' | 'kept' | 'unknown';
}

const TYPES = ['float32', 'uint8', 'int8'];
/** Where a size is free. */
export const USUAL_SIZE = 224;

type ImageUse = Extract<InputUse, { kind: 'image' }>;

function imageSpec(input: ValueSummary, use: ImageUse): ImageSpec | null {
  if (!TYPES.includes(input.type) || use.channels === 4 || (use.batch !== null && use.batch !== 1)) return null;
  const width = use.width ?? USUAL_SIZE;
  const height = use.height ?? USUAL_SIZE;
  return {
    input: input.name,
    layout: use.layout,
    channels: use.channels === 1 ? 'gray' : 'rgb',
    width,
    height,
    fit: width === height && width >= 160 ? 'crop' : 'stretch',
    scale: 1 / 255,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    type: input.type as ImageSpec['type'],
    dims: use.layout === 'nchw' ? [1, use.channels, height, width] : [1, height, width, use.channels],
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

/** The strings table's word for why the first guess came out on top. */
function reasonOf(best: NormalizationGuess): Guess['reason'] {
  switch (best.reason) {
    case 'caffe2':
    case 'imagenet':
    case 'cifar':
    case 'digits':
      return best.reason;
    default:
      return best.id === 'raw' ? 'detector' : 'unknown';
  }
}

export function guessInput(summary: ModelSummary): Guess {
  const [input, more] = summary.inputs;
  const use = summary.io?.inputs[0];
  const spec = input && !more && use?.kind === 'image' ? imageSpec(input, use) : null;
  const best = use?.kind === 'image' ? use.normalizations[0] : undefined;
  if (spec === null || best === undefined) return { image: null, reason: 'unknown' };
  return { image: applyNormalization(spec, best.id), reason: reasonOf(best) };
}

/** What a person can change of how pictures become numbers. */
const handling = ({ channels, scale, mean, std, fit }: ImageSpec) => ({ channels, scale, mean, std, fit });

/** What a person said when the file was open the last time goes before the guess. */
export function keptGuess(guess: Guess, kept: ImageSpec | null | undefined): Guess {
  if (!guess.image || !kept || kept.input !== guess.image.input) return guess;
  const before = JSON.stringify(handling(kept));
  if (before === JSON.stringify(handling(guess.image))) return guess;
  return { image: { ...guess.image, ...handling(kept) }, reason: 'kept' };
}
