// Steps that measure accuracy on the calibration data want the classes of its first items. Data that has labels knows them, so
// that a recipe need not spell them out. Pure.
import type { PassSpec, Recipe, RecipeStep } from '../engine/types';

const CLASSES = 'labels';
const FEEDS = 'feeds';

const isEmpty = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0);

export const takesClasses = (spec: PassSpec | undefined): boolean =>
  spec?.params.some(({ name, kind }) => name === CLASSES && kind === 'stringList') ?? false;

/** Whether a step wants classes and has none of its own. */
export const wantsClasses = (step: Readonly<Record<string, unknown>>, spec: PassSpec | undefined): boolean =>
  takesClasses(spec) && isEmpty(step[CLASSES]);

/** `labels`: of the calibration data, item by item; `batch`: items of one run. */
export function withClasses(
  recipe: Recipe,
  passes: readonly PassSpec[],
  labels: readonly number[],
  batch: number,
): Recipe {
  if (labels.length === 0) return recipe;
  return recipe.map((step): RecipeStep => {
    const spec = passes.find(({ name }) => name === step.pass);
    if (!spec || !wantsClasses(step, spec)) return step;
    const feeds = Number(step[FEEDS] ?? spec.params.find(({ name }) => name === FEEDS)?.default ?? 0);
    return { ...step, [CLASSES]: labels.slice(0, feeds * batch).map(String) };
  });
}
