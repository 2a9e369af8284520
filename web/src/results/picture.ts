// Outputs that are pictures: one or three channels, channels first or last. Values beyond 0..1 are taken as 0..255 when they
// look so; else they are stretched between the smallest and largest of the original, the same for both sides. Pure.

import type { Tensor } from '../engine/types';
import type { Pixels } from '../inputs/resize';
import { asNumbers } from './topk';

export interface PictureShape {
  width: number;
  height: number;
  channels: number;
  last: boolean;
}

const SMALLEST = 24;

export function pictureShape({ dims, type }: Tensor): PictureShape | null {
  const [batch, a = 0, b = 0, c = 0] = dims;
  if (dims.length !== 4 || batch !== 1 || type === 'string') return null;
  const isChannels = (n: number) => n === 1 || n === 3;
  if (isChannels(a) && b >= SMALLEST && c >= SMALLEST) return { channels: a, height: b, width: c, last: false };
  if (isChannels(c) && a >= SMALLEST && b >= SMALLEST) return { channels: c, height: a, width: b, last: true };
  return null;
}

export interface Tone {
  low: number;
  high: number;
}

export function toneOf(tensor: Tensor): Tone {
  const values = asNumbers(tensor) ?? new Float32Array();
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const v of values) {
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  if (low >= -0.2 && high <= 1.2) return { low: 0, high: 1 };
  if (low >= -60 && high > 60 && high <= 340) return { low: 0, high: 255 };
  return { low, high };
}

export function toPixels(tensor: Tensor, { width, height, channels, last }: PictureShape, { low, high }: Tone): Pixels {
  const values = asNumbers(tensor) ?? new Float32Array();
  const rgba = new Uint8ClampedArray(width * height * 4);
  const scale = 255 / (high - low || 1);
  for (let i = 0; i < width * height; ++i) {
    for (let c = 0; c < 3; ++c) {
      const channel = channels === 1 ? 0 : c;
      const at = last ? i * channels + channel : channel * width * height + i;
      rgba[i * 4 + c] = ((values[at] ?? 0) - low) * scale;
    }
    rgba[i * 4 + 3] = 255;
  }
  return { width, height, rgba };
}
