// Pixels to tensors: order, layout, normalization and placement, on pictures small enough to check by hand.
import { describe, expect, it } from 'vitest';
import {
  applyNormalization,
  type ImageSpec,
  NORMALIZATIONS,
  normalizationId,
  placement,
  toTensor,
  valueRange,
} from '../../../web/src/inputs/preprocess';

const base: ImageSpec = {
  input: 'x',
  layout: 'nchw',
  channels: 'rgb',
  width: 2,
  height: 1,
  fit: 'stretch',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  type: 'float32',
  dims: [1, 3, 1, 2],
};

// Two pixels: (10, 20, 30) and (40, 50, 60).
const pixels = Uint8ClampedArray.of(10, 20, 30, 255, 40, 50, 60, 255);
const values = (spec: ImageSpec) => Array.from(toTensor(pixels, spec).data as Float32Array);

describe('toTensor', () => {
  it.each<[string, Partial<ImageSpec>, number[]]>([
    ['planes in NCHW', {}, [10, 40, 20, 50, 30, 60]],
    ['pixels in NHWC', { layout: 'nhwc' }, [10, 20, 30, 40, 50, 60]],
    ['BGR turns the channels round', { channels: 'bgr' }, [30, 60, 20, 50, 10, 40]],
    [
      'mean and deviation follow the tensor order',
      { channels: 'bgr', mean: [30, 20, 10], std: [1, 1, 2] },
      [0, 30, 0, 30, 0, 15],
    ],
    ['scale comes before the mean', { scale: 0.5, mean: [5, 10, 15] }, [0, 15, 0, 15, 0, 15]],
    ['integer inputs take the pixel', { type: 'uint8', scale: 0.5, mean: [5, 5, 5] }, [10, 40, 20, 50, 30, 60]],
    ['int8 inputs take the pixel minus 128', { type: 'int8' }, [-118, -88, -108, -78, -98, -68]],
  ])('%s', (_, change, expected) => {
    expect(values({ ...base, ...change })).toEqual(expected);
  });

  it('grey is BT.601 luma', () => {
    const [first] = values({ ...base, channels: 'gray', dims: [1, 1, 1, 2] });
    expect(first).toBeCloseTo(0.299 * 10 + 0.587 * 20 + 0.114 * 30, 4);
  });
});

describe('normalizations', () => {
  it.each(NORMALIZATIONS.map((n) => n.id))('%s is recognized after being applied', (id) => {
    expect(normalizationId(applyNormalization(base, id))).toBe(id);
  });

  it('own numbers are custom', () => {
    expect(normalizationId({ ...base, mean: [1, 2, 3] })).toBe('custom');
  });

  it('a grey picture stays grey', () => {
    expect(applyNormalization({ ...base, channels: 'gray' }, 'caffe').channels).toBe('gray');
  });
});

it.each<[string, Partial<ImageSpec>, number, number]>([
  ['plain pixels', {}, 0, 255],
  [
    'normalized, by the channel that reaches furthest',
    { scale: 1 / 255, mean: [0.5, 0.25, 0.5], std: [0.5, 0.25, 1] },
    -1,
    3,
  ],
  ['grey has one channel', { channels: 'gray', mean: [5, 100, 100] }, -5, 250],
  ['bytes as they are', { type: 'uint8', mean: [9, 9, 9] }, 0, 255],
  ['signed bytes', { type: 'int8' }, -128, 127],
])('valueRange: %s', (_, change, low, high) => {
  expect(valueRange({ ...base, ...change })).toEqual({ low, high });
});

describe('placement', () => {
  const frame: ImageSpec = { ...base, width: 224, height: 224, fit: 'crop' };

  it('crops the middle of a wide picture at 8/7 of the frame', () => {
    expect(placement(frame, 512, 256)).toEqual({ x: -144, y: -16, width: 512, height: 256 });
  });

  it('leaves a picture alone that has the size already', () => {
    expect(placement(frame, 224, 224)).toEqual({ x: 0, y: 0, width: 224, height: 224 });
  });

  it('stretches where asked', () => {
    expect(placement({ ...frame, fit: 'stretch' }, 512, 256)).toEqual({ x: 0, y: 0, width: 224, height: 224 });
  });
});
