// From pixels to the tensor a model wants: crop, channel order, normalization, layout.
// Formula per channel: y = (x * scale - mean) / std, x in 0..255. Pure: no DOM.

import type { Recipe, Tensor } from '../engine/types';

export type ChannelOrder = 'rgb' | 'bgr' | 'gray';
export type Layout = 'nchw' | 'nhwc';
export type Fit = 'crop' | 'stretch';

export interface ImageSpec {
  /** Name of the graph input. */
  input: string;
  layout: Layout;
  channels: ChannelOrder;
  width: number;
  height: number;
  /** crop: shorter side to 8/7 of the size, centre crop (the ImageNet habit); stretch: ignore the aspect. */
  fit: Fit;
  scale: number;
  /** In the order of the tensor's channels. */
  mean: readonly number[];
  std: readonly number[];
  /** Element type the input declares. */
  type: 'float32' | 'uint8' | 'int8';
  /** Dims of one picture's tensor; may differ from layout order only in rank (batch of 1 in front). */
  dims: readonly number[];
}

export interface Normalization {
  id: string;
  channels: ChannelOrder | null;
  scale: number;
  mean: readonly number[];
  std: readonly number[];
}

const ONES = [1, 1, 1];
const ZEROS = [0, 0, 0];

/** What training pipelines do, by name. `channels: null` leaves the order alone. */
export const NORMALIZATIONS: readonly Normalization[] = [
  { id: 'imagenet', channels: 'rgb', scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  { id: 'caffe', channels: 'bgr', scale: 1, mean: [104, 117, 123], std: ONES },
  { id: 'unit', channels: null, scale: 1 / 255, mean: ZEROS, std: ONES },
  { id: 'signed', channels: null, scale: 1 / 127.5, mean: ONES, std: ONES },
  { id: 'ultralight', channels: null, scale: 1, mean: [127, 127, 127], std: [128, 128, 128] },
  { id: 'cifar', channels: 'rgb', scale: 1 / 255, mean: [0.4914, 0.4822, 0.4465], std: [0.2471, 0.2435, 0.2616] },
  { id: 'raw', channels: null, scale: 1, mean: ZEROS, std: ONES },
];

export function findNormalization(id: string): Normalization {
  return NORMALIZATIONS.find((n) => n.id === id) ?? (NORMALIZATIONS[NORMALIZATIONS.length - 1] as Normalization);
}

export function applyNormalization(spec: ImageSpec, id: string): ImageSpec {
  const n = findNormalization(id);
  const channels = spec.channels === 'gray' || n.channels === null ? spec.channels : n.channels;
  return { ...spec, channels, scale: n.scale, mean: n.mean, std: n.std };
}

/** The preset that a spec's numbers equal, or "custom". */
export function normalizationId(spec: ImageSpec): string {
  const same = (a: readonly number[], b: readonly number[]) => b.every((v, i) => a[i] === undefined || a[i] === v);
  const match = NORMALIZATIONS.find(
    (n) =>
      n.scale === spec.scale &&
      same(spec.mean, n.mean) &&
      same(spec.std, n.std) &&
      (n.channels === null || spec.channels === 'gray' || n.channels === spec.channels),
  );
  return match?.id ?? 'custom';
}

/** For an input of other sizes; one picture is one item. */
export function resizedSpec(spec: ImageSpec, dims: readonly number[]): ImageSpec {
  const [height, width] = spec.layout === 'nchw' ? dims.slice(2) : dims.slice(1);
  return { ...spec, height: height ?? spec.height, width: width ?? spec.width, dims: [1, ...dims.slice(1)] };
}

export function channelCount(spec: ImageSpec): number {
  return spec.channels === 'gray' ? 1 : 3;
}

/** Of the tensor's elements, whatever the picture. */
export function valueRange({ type, scale, mean, std, channels }: ImageSpec): { low: number; high: number } {
  if (type !== 'float32') return type === 'int8' ? { low: -128, high: 127 } : { low: 0, high: 255 };
  const ends = Array.from({ length: channels === 'gray' ? 1 : 3 }, (_, c) =>
    [0, 255].map((pixel) => (pixel * scale - (mean[c] ?? 0)) / (std[c] ?? 1)),
  ).flat();
  return { low: Math.min(...ends), high: Math.max(...ends) };
}

/** For steps without data: batch normalizations tell nothing of the input, but how pictures are prepared does. */
export function withInputRange(recipe: Recipe, spec: ImageSpec | null): Recipe {
  if (!spec) return recipe;
  const known = { overrides: [{ where: spec.input, ...valueRange(spec) }] };
  return recipe.map((step) => (step.activation_observer === 'batch_norm' ? { ...step, ...known } : step));
}

/** Where to draw a picture of the given size so that it fills the spec's frame (may reach beyond it). */
export function placement(
  spec: ImageSpec,
  width: number,
  height: number,
): { x: number; y: number; width: number; height: number } {
  if (spec.fit === 'stretch') return { x: 0, y: 0, width: spec.width, height: spec.height };
  // A frame as large as the picture itself means that it was cropped before.
  const exact = width === spec.width && height === spec.height;
  const zoom = exact ? 1 : Math.max((spec.width * 8) / 7 / width, (spec.height * 8) / 7 / height);
  const w = width * zoom;
  const h = height * zoom;
  return { x: (spec.width - w) / 2, y: (spec.height - h) / 2, width: w, height: h };
}

type Pick = (rgba: Uint8ClampedArray, at: number, channel: number) => number;

const PICK: Record<ChannelOrder, Pick> = {
  rgb: (p, at, c) => p[at + c] as number,
  bgr: (p, at, c) => p[at + 2 - c] as number,
  // BT.601 luma.
  gray: (p, at) => 0.299 * (p[at] as number) + 0.587 * (p[at + 1] as number) + 0.114 * (p[at + 2] as number),
};

/** width x height RGBA pixels -> one tensor. Integer inputs get the pixel (int8: minus 128), unnormalized. */
export function toTensor(rgba: Uint8ClampedArray, spec: ImageSpec): Tensor {
  const plane = spec.width * spec.height;
  const channels = channelCount(spec);
  const pick = PICK[spec.channels];
  const data =
    spec.type === 'float32'
      ? new Float32Array(plane * channels)
      : spec.type === 'uint8'
        ? new Uint8Array(plane * channels)
        : new Int8Array(plane * channels);
  for (let c = 0; c < channels; ++c) {
    const mean = spec.type === 'float32' ? (spec.mean[c] ?? 0) : spec.type === 'int8' ? 128 : 0;
    const std = spec.type === 'float32' ? (spec.std[c] ?? 1) : 1;
    const scale = spec.type === 'float32' ? spec.scale : 1;
    const start = spec.layout === 'nchw' ? c * plane : c;
    const step = spec.layout === 'nchw' ? 1 : channels;
    for (let i = 0; i < plane; ++i) data[start + i * step] = (pick(rgba, i * 4, c) * scale - mean) / std;
  }
  return { type: spec.type, dims: spec.dims, data };
}
