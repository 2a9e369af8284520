// A recipe as it was carried out. Some steps change no model: they choose for a quantizing step behind them, and report the
// `recipe` that this comes to. What they chose is an exception of that step like any other, so that parts of the recipe can be
// made again without choosing again. Pure.
import type { Recipe, RecipeStep, StepReport } from '../engine/types';

type Reports = readonly (StepReport | undefined)[];

/** Whether a step only chose for a later one. */
export const choseOnly = (report: StepReport | undefined): boolean => Array.isArray(report?.recipe);

const listIn = (params: Readonly<Record<string, unknown>> | undefined, name: string): unknown[] =>
  Array.isArray(params?.[name]) ? params[name] : [];

/** Exceptions that steps before `place` chose for it: its report has them in front of its own. */
export function chosenFor(recipe: Recipe, reports: Reports, place: number, list: string): unknown[] {
  const own = listIn(recipe[place], list).length;
  const all = listIn(reports[place]?.params, list);
  return all.slice(0, all.length - own);
}

/** By step; null: it only chose. `listOf`: the parameter in which a pass takes exceptions. */
export function carriedOut(
  recipe: Recipe,
  reports: Reports,
  listOf: (pass: string) => string | undefined,
): (RecipeStep | null)[] {
  return recipe.map((step, i) => {
    if (choseOnly(reports[i])) return null;
    const list = listOf(step.pass);
    const chosen = list === undefined ? [] : chosenFor(recipe, reports, i, list);
    return list === undefined || chosen.length === 0 ? step : { ...step, [list]: [...chosen, ...listIn(step, list)] };
  });
}
