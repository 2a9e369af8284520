// How far two results lie apart. SQNR = 10 log10(sum x^2 / sum (x - y)^2) in dB; null: equal. Pure.
import type { LayerDiff, Tensor } from '../engine/types';
import { asNumbers } from './topk';

export interface Sums {
  signal: number;
  noise: number;
}

export function sums(x: ArrayLike<number>, y: ArrayLike<number>): Sums {
  let signal = 0;
  let noise = 0;
  for (let i = 0; i < x.length; ++i) {
    const a = x[i] as number;
    const d = a - (y[i] as number);
    signal += a * a;
    noise += d * d;
  }
  return { signal, noise };
}

export const sqnrOf = ({ signal, noise }: Sums): number | null => {
  if (noise === 0) return null;
  return 10 * Math.log10(Math.max(signal, Number.MIN_VALUE) / noise);
};

/** Adds all numeric outputs that both have. */
export function addOutputs(total: Sums, truth: Record<string, Tensor>, other: Record<string, Tensor>): void {
  for (const [name, tensor] of Object.entries(truth)) {
    const a = asNumbers(tensor);
    const b = other[name] ? asNumbers(other[name]) : null;
    if (!a || !b || a.length !== b.length) continue;
    const part = sums(a, b);
    total.signal += part.signal;
    total.noise += part.noise;
  }
}

export function outputSqnr(truth: Record<string, Tensor>, other: Record<string, Tensor>): number | null {
  const total: Sums = { signal: 0, noise: 0 };
  addOutputs(total, truth, other);
  return sqnrOf(total);
}

/** Outputs of two networks that carry the same names, as the engine compares them. */
export function outputDiffs(truth: Record<string, Tensor>, other: Record<string, Tensor>): LayerDiff[] {
  return Object.entries(truth).flatMap(([name, tensor]) => {
    const a = asNumbers(tensor);
    const b = other[name] ? asNumbers(other[name]) : null;
    if (!a || !b || a.length !== b.length) return [];
    const part = sums(a, b);
    let [dot, square, maxAbsError] = [0, 0, 0];
    for (let i = 0; i < a.length; ++i) {
      const [x, y] = [a[i] as number, b[i] as number];
      dot += x * y;
      square += y * y;
      maxAbsError = Math.max(maxAbsError, Math.abs(x - y));
    }
    const cosine = part.noise === 0 ? 1 : dot / (Math.sqrt(part.signal * square) || 1);
    return [{ name, op: '', elements: a.length, sqnr: sqnrOf(part), cosine, maxAbsError }];
  });
}
