// Classification, counted: which class leads in each row of scores, confusion, accuracy, macro F1. Pure.
import type { Tensor } from '../engine/types';
import { asNumbers } from './topk';

/** The leading class of each of `rows` rows; null where the tensor is no table of scores. */
export function leaders(tensor: Tensor, rows: number): number[] | null {
  const scores = asNumbers(tensor);
  if (!scores || rows < 1 || scores.length % rows !== 0 || scores.length / rows < 2) return null;
  const width = scores.length / rows;
  return Array.from({ length: rows }, (_, row) => {
    let best = 0;
    for (let c = 1; c < width; ++c)
      if ((scores[row * width + c] as number) > (scores[row * width + best] as number)) best = c;
    return best;
  });
}

export interface Scores {
  samples: number;
  accuracy: number;
  macroF1: number;
  /** counts[truth][answer] */
  confusion: number[][];
}

/** Over the classes that occur as truth or answer. */
export function scoresOf(truth: readonly number[], answers: readonly number[], classes: number): Scores {
  const size = Math.max(classes, ...truth.map((c) => c + 1), ...answers.map((c) => c + 1));
  const confusion = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  let right = 0;
  truth.forEach((label, i) => {
    const answer = answers[i] as number;
    const row = confusion[label] as number[];
    row[answer] = (row[answer] ?? 0) + 1;
    if (label === answer) right += 1;
  });
  const f1: number[] = [];
  for (let c = 0; c < size; ++c) {
    const hits = confusion[c]?.[c] ?? 0;
    const actual = (confusion[c] as number[]).reduce((a, b) => a + b, 0);
    const said = confusion.reduce((sum, row) => sum + (row[c] ?? 0), 0);
    if (actual + said > 0) f1.push((2 * hits) / (actual + said));
  }
  return {
    samples: truth.length,
    accuracy: truth.length === 0 ? 0 : right / truth.length,
    macroF1: f1.length === 0 ? 0 : f1.reduce((a, b) => a + b, 0) / f1.length,
    confusion,
  };
}

/** Half of a 95 % interval of a share, by the normal approximation with two added on each side (Agresti and Coull, 1998). */
export function margin(share: number, samples: number): number {
  const n = samples + 4;
  const p = (share * samples + 2) / n;
  return 1.96 * Math.sqrt((p * (1 - p)) / n);
}
