// What judging both networks on labelled data has shown.
import { signal } from '@preact/signals';
import type { Recipe } from '../engine/types';
import type { Scores } from '../results/classify';

export interface Judgement {
  recipe: Recipe;
  name: string;
  classes: readonly string[];
  original: Scores;
  compressed: Scores;
  /** Share of examples with the same answer. */
  agreement: number;
  disagreements: readonly { index: number; truth: number; original: number; compressed: number }[];
}

export const judgement = signal<Judgement | null>(null);
export const judgeCount = signal(200);
