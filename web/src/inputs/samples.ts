// The sample networks that come with the page (web/public/samples): their list, the data that each was trained on, made
// on the spot, how they want it, and a small picture of it. Pure: fetching and drawing are the caller's.

import { type MadeSet, type MakeOptions, makeDigits, makePoints, makeShapes } from '../engine/datasets/index';
import type { ModelSummary } from '../engine/types';
import { itemOf, pixelsOf } from './arrays';
import { arrayDataSet, type DataSet } from './folder';
import { guessInput } from './guess';
import { applyNormalization, type ImageSpec } from './preprocess';
import type { Pixels } from './resize';

type Words = Record<'en' | 'zh', string>;

/** A row of web/public/samples/index.json. */
export interface Sample {
  /** The file is `<id>.onnx` beside the list. */
  id: string;
  name: Words;
  /** One line: what it is good for. */
  line: Words;
  made: Words;
  data: 'digits' | 'shapes' | 'points';
  input: { kind: 'picture' | 'numbers'; normalization: string | null };
  classes: string[];
  bytes: number;
  /** Of the float network, on `count` fresh items of the set with this seed. */
  test: { seed: number; count: number; accuracy: number };
  /** Share of MNIST's 10,000 test images read rightly; only networks that read digits. */
  mnist?: number;
}

const makers: Record<Sample['data'], (options: MakeOptions) => MadeSet> = {
  digits: makeDigits,
  shapes: makeShapes,
  points: makePoints,
};

/** Data like that which the sample was trained on. Training used seed 1, the accuracy in the list another. */
export function sampleData(sample: Sample, options: MakeOptions): DataSet {
  const { data, labels, classes } = makers[sample.data](options);
  return arrayDataSet(data, labels, classes);
}

/** How the loaded sample wants pictures; null: it takes numbers. */
export function sampleSpec({ input }: Sample, summary: ModelSummary): ImageSpec | null {
  const { image } = guessInput(summary);
  return image && input.normalization ? applyNormalization(image, input.normalization) : null;
}

/** Pixels of a side. */
export const THUMBNAIL = 96;
const TILES = 3;
/** Okabe and Ito's colours, which colour-blind people tell apart. */
const inks = [
  [0xe6, 0x9f, 0x00],
  [0x56, 0xb4, 0xe9],
  [0x00, 0x9e, 0x73],
] as const;

/** Pixels and where they belong. */
export interface ThumbnailPart {
  pixels: Pixels;
  left: number;
  top: number;
}

/** One picture of the data in a cell of its own. */
function tile(data: Sample['data'], i: number): ThumbnailPart | null {
  const pixels = pixelsOf(itemOf(makers[data]({ count: 1, seed: 20 + i }).data, 0));
  if (!pixels) return null;
  const side = THUMBNAIL / TILES;
  const left = (i % TILES) * side + ((side - pixels.width) >> 1);
  return { pixels, left, top: Math.floor(i / TILES) * side + ((side - pixels.height) >> 1) };
}

function scatter(set: MadeSet): ThumbnailPart {
  const rgba = new Uint8ClampedArray(THUMBNAIL * THUMBNAIL * 4);
  for (const [i, label] of set.labels.entries()) {
    const [x = 0, y = 0] = Array.from(itemOf(set.data, i).data as Float32Array, (v) =>
      Math.round((v * 0.45 + 0.5) * (THUMBNAIL - 1)),
    );
    for (const at of [0, 1, THUMBNAIL, THUMBNAIL + 1]) {
      const pixel = y * THUMBNAIL + x + at;
      if (x >= 0 && y >= 0 && x < THUMBNAIL - 1 && y < THUMBNAIL - 1)
        rgba.set([...(inks[label % inks.length] ?? inks[0]), 255], 4 * pixel);
    }
  }
  return { pixels: { width: THUMBNAIL, height: THUMBNAIL, rgba }, left: 0, top: 0 };
}

/**
 * THUMBNAIL x THUMBNAIL pixels: nine pictures of the data, or its points. In parts of a few milliseconds each, between
 * which the page can answer.
 */
export function* thumbnailParts(sample: Sample): Generator<ThumbnailPart> {
  if (sample.data === 'points') {
    yield scatter(makePoints({ count: 300, seed: 20 }));
    return;
  }
  for (let i = 0; i < TILES * TILES; ++i) {
    const part = tile(sample.data, i);
    if (part) yield part;
  }
}
