// Everything tried in this sitting: each run of a recipe with its size and quality, so that one can return to it.
import { signal } from '@preact/signals';
import type { Recipe } from '../engine/types';
import { median } from '../format';
import { editRecipe, results } from './app';
import { toRecipe } from './recipe';

export interface Attempt {
  id: number;
  recipe: Recipe;
  bytes: number;
  /** null: equal to the original. */
  sqnr: number | null;
  ms: number;
  /** Where it was judged: share of right answers. */
  accuracy: number | null;
}

export const attempts = signal<readonly Attempt[]>([]);
/** Size and accuracy of the float network, where known. */
export const floatAccuracy = signal<number | null>(null);

const sameRecipe = (a: Recipe, b: Recipe) => JSON.stringify(a) === JSON.stringify(b);

/** The attempt of the results that are shown; made, or brought up to date. */
/** `sqnr`: over inputs that are the same for all attempts. */
export function addAttempt(sqnr: number | null): void {
  const shown = results.value;
  if (!shown) return;
  const recipe = toRecipe(shown.steps);
  const known = attempts.value.find((a) => sameRecipe(a.recipe, recipe));
  const attempt: Attempt = {
    id: known?.id ?? (attempts.value.at(-1)?.id ?? 0) + 1,
    recipe,
    bytes: shown.compressed.bytes,
    sqnr,
    ms: median(shown.compressed.times),
    accuracy: known?.accuracy ?? null,
  };
  attempts.value = [...attempts.value.filter((a) => a !== known), attempt].sort((a, b) => a.id - b.id);
}

export function setAccuracy(recipe: Recipe, accuracy: number): void {
  attempts.value = attempts.value.map((a) => (sameRecipe(a.recipe, recipe) ? { ...a, accuracy } : a));
}

export function currentAttempt(): number | null {
  const shown = results.value;
  return shown ? (attempts.value.find((a) => sameRecipe(a.recipe, toRecipe(shown.steps)))?.id ?? null) : null;
}

export function returnTo(attempt: Attempt): void {
  editRecipe({ type: 'replace', recipe: attempt.recipe });
}

export function dropAttempts(): void {
  attempts.value = [];
  floatAccuracy.value = null;
}
