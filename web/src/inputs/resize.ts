// Draws a picture into a model's frame without a canvas, for where there is none (Node): on white where it is
// transparent, then by a triangle filter as wide as a pixel of the frame, which averages when it makes smaller and
// interpolates when it makes larger. Source: the "bilinear" of the Python Imaging Library.

import { type ImageSpec, placement } from './preprocess';

export interface Pixels {
  width: number;
  height: number;
  /** Rows from the top, four bytes a pixel. */
  rgba: Uint8ClampedArray;
}

interface Taps {
  first: number;
  weights: number[];
}

/** For every pixel along one side of the frame: which of the picture's pixels count, and how much. */
function tapsAlong(frame: number, start: number, length: number, source: number): Taps[] {
  const scale = source / length;
  const reach = Math.max(scale, 1);
  return Array.from({ length: frame }, (_, i) => {
    const center = (i + 0.5 - start) * scale;
    const first = Math.min(Math.max(Math.floor(center - reach + 0.5), 0), source - 1);
    const last = Math.min(Math.max(Math.ceil(center + reach - 0.5), first + 1), source);
    const weights = Array.from({ length: last - first }, (_, k) =>
      Math.max(0, 1 - Math.abs(first + k + 0.5 - center) / reach),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    // Outside of the picture its edge goes on.
    return { first, weights: sum > 0 ? weights.map((w) => w / sum) : weights.map((_, k) => (k === 0 ? 1 : 0)) };
  });
}

/** Three channels, on white. */
function opaque({ width, height, rgba }: Pixels): Float32Array {
  const out = new Float32Array(width * height * 3);
  for (let i = 0; i < width * height; ++i) {
    const alpha = (rgba[4 * i + 3] ?? 255) / 255;
    for (let c = 0; c < 3; ++c) out[3 * i + c] = (rgba[4 * i + c] ?? 0) * alpha + 255 * (1 - alpha);
  }
  return out;
}

function toRgba(rgb: Float32Array): Uint8ClampedArray {
  const out = new Uint8ClampedArray((rgb.length / 3) * 4).fill(255);
  for (let i = 0; i < rgb.length; ++i) out[Math.floor(i / 3) * 4 + (i % 3)] = rgb[i] ?? 0;
  return out;
}

/** RGBA pixels of the spec's width and height. */
export function drawInto(spec: ImageSpec, picture: Pixels): Uint8ClampedArray {
  const at = placement(spec, picture.width, picture.height);
  if (at.width === picture.width && at.height === picture.height && at.x === 0 && at.y === 0) {
    return toRgba(opaque(picture));
  }
  const columns = tapsAlong(spec.width, at.x, at.width, picture.width);
  const rows = tapsAlong(spec.height, at.y, at.height, picture.height);
  const source = opaque(picture);
  const narrow = new Float32Array(spec.width * picture.height * 3);
  for (let y = 0; y < picture.height; ++y) {
    for (const [x, { first, weights }] of columns.entries()) {
      for (let c = 0; c < 3; ++c) {
        const sum = weights.reduce((s, w, k) => s + w * (source[(y * picture.width + first + k) * 3 + c] ?? 0), 0);
        narrow[(y * spec.width + x) * 3 + c] = sum;
      }
    }
  }
  const out = new Float32Array(spec.width * spec.height * 3);
  const row = spec.width * 3;
  for (const [y, { first, weights }] of rows.entries()) {
    for (let i = 0; i < row; ++i) {
      out[y * row + i] = weights.reduce((s, w, k) => s + w * (narrow[(first + k) * row + i] ?? 0), 0);
    }
  }
  return toRgba(out);
}
