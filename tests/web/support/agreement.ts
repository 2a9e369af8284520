// How well two sets of outputs agree.

import type { Tensor } from '../../../web/src/engine';

export type Outputs = Record<string, Tensor>;

/** 10 log10(sum r^2 / sum (r - x)^2) over all outputs together; Infinity where they are equal. */
export function sqnr(reference: Outputs, other: Outputs): number {
  let signal = 0;
  let noise = 0;
  for (const [name, tensor] of Object.entries(reference)) {
    const [a, b] = [tensor.data as Float32Array, other[name]?.data as Float32Array];
    for (let i = 0; i < a.length; ++i) {
      signal += (a[i] as number) ** 2;
      noise += ((a[i] as number) - (b[i] as number)) ** 2;
    }
  }
  return noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
}

/** Largest of |a - b| / (absolute + relative * |a|): at most 1 where they agree within the tolerances. */
export function toleranceUsed(reference: Outputs, other: Outputs, relative: number, absolute: number): number {
  let worst = 0;
  for (const [name, tensor] of Object.entries(reference)) {
    const [a, b] = [tensor.data as Float32Array, other[name]?.data as Float32Array];
    for (let i = 0; i < a.length; ++i) {
      const [x, y] = [a[i] as number, b[i] as number];
      worst = Math.max(worst, Math.abs(x - y) / (absolute + relative * Math.abs(x)));
    }
  }
  return worst;
}

/** Integers against integers: the largest difference, and the share of elements that differ. */
export function stepsApart(a: Tensor, b: Tensor): { most: number; share: number } {
  const [x, y] = [a.data as Int8Array, b.data as Int8Array];
  if (x.length !== y.length) return { most: Number.POSITIVE_INFINITY, share: 1 };
  let most = 0;
  let different = 0;
  for (let i = 0; i < x.length; ++i) {
    const steps = Math.abs((x[i] as number) - (y[i] as number));
    most = Math.max(most, steps);
    if (steps > 0) ++different;
  }
  return { most, share: different / Math.max(x.length, 1) };
}
