// Reading a classifier's output: is it one, and which classes lead. Pure.

import type { Tensor } from '../engine/types';

export interface Ranked {
  index: number;
  score: number;
  /** In 0..1: the score itself where the outputs are probabilities, else its softmax. */
  probability: number;
}

export function asNumbers(tensor: Tensor): Float32Array | null {
  if (tensor.data instanceof Float32Array) return tensor.data;
  if (Array.isArray(tensor.data) || tensor.type === 'float16' || tensor.type === 'bfloat16') return null;
  return Float32Array.from(tensor.data as ArrayLike<number | bigint>, Number);
}

/** One float vector: a batch of one, and a single dimension above 1. */
export function isClassScores(tensor: Tensor): boolean {
  const wide = tensor.dims.filter((d) => d !== 1);
  return tensor.type === 'float32' && wide.length === 1 && (wide[0] as number) >= 2 && (wide[0] as number) <= 100_000;
}

function probabilities(scores: Float32Array): Float32Array {
  let sum = 0;
  let low = 0;
  let peak = Number.NEGATIVE_INFINITY;
  for (const s of scores) {
    sum += s;
    low = Math.min(low, s);
    peak = Math.max(peak, s);
  }
  if (low >= 0 && Math.abs(sum - 1) < 0.02) return scores;
  const exp = scores.map((s) => Math.exp(s - peak));
  const total = exp.reduce((a, b) => a + b, 0);
  return exp.map((e) => e / total);
}

/** The k best, best first; ties keep the lower index first. */
export function topK(tensor: Tensor, k = 5): Ranked[] {
  const scores = asNumbers(tensor);
  if (scores === null) return [];
  const share = probabilities(scores);
  return Array.from(scores, (score, index) => ({ index, score, probability: share[index] as number }))
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, k);
}
