// Quantizing values to an affine grid, as QuantizeLinear does, to see what a range would cost. Pure.
// q = saturate(round_half_even(x / scale) + zero), x' = (q - zero) * scale.
import type { TensorFacts } from '../engine/types';
import { sqnrOf } from './distance';

export interface Grid {
  low: number;
  high: number;
  /** 256 for 8 bits. */
  levels: number;
}

/** The grid that a quantizing step chose for a tensor: fewer levels than its type has where the width is in between. */
export const gridOf = ({ low, high, levels }: Pick<TensorFacts, 'low' | 'high' | 'levels'>): Grid => ({
  low,
  high,
  levels,
});

export interface GridError {
  /** dB; null: nothing is lost. */
  sqnr: number | null;
  /** Share of the values outside of the range. */
  clipped: number;
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const diff = x - floor;
  if (diff !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The range includes zero, so that zero is exact. */
export function gridError(values: Float32Array, grid: Grid, stride = 1): GridError {
  const low = Math.min(0, grid.low);
  const high = Math.max(0, grid.high);
  const scale = (high - low) / (grid.levels - 1) || 1;
  const zero = roundHalfEven(-low / scale);
  let signal = 0;
  let noise = 0;
  let clipped = 0;
  let count = 0;
  for (let i = 0; i < values.length; i += stride) {
    const x = values[i] as number;
    const q = Math.max(0, Math.min(grid.levels - 1, roundHalfEven(x / scale) + zero));
    const d = x - (q - zero) * scale;
    signal += x * x;
    noise += d * d;
    if (x < low - scale / 2 || x > high + scale / 2) clipped += 1;
    count += 1;
  }
  return { sqnr: sqnrOf({ signal, noise }), clipped: count === 0 ? 0 : clipped / count };
}

const TRIES = 60;

/** The range of least error among those that shrink the seen one towards zero, each side by the same share. */
export function bestRange(values: Float32Array, seen: Grid): Grid {
  const stride = Math.max(1, Math.floor(values.length / 20_000));
  const quality = (grid: Grid) => gridError(values, grid, stride).sqnr ?? Number.POSITIVE_INFINITY;
  let best = seen;
  for (let i = 1; i < TRIES; ++i) {
    const share = 1 - i / TRIES;
    const tried = { ...seen, low: seen.low * share, high: seen.high * share };
    if (quality(tried) > quality(best)) best = tried;
  }
  return best;
}
